"""Whatever a template says to people goes through gettext, so that a language is a file and no change of code."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "templates"
NO_WORDS = re.compile(
    r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|\{% blocktranslate.*?\{% endblocktranslate %\}"
    r"|\{% block (width|skip) %\}#?\w+\{% endblock \1 %\}|<(?:script|style|code|pre)\b.*?</(?:script|style|code|pre)>",
    re.DOTALL,
)
NAMES = re.compile(r"Open Wearables|\bUTC\b|https?://\S*|/\w+/|\bCSV\b")
READ_ALOUD = re.compile(r'(?:aria-label|placeholder|alt|title)="([^"{]*[A-Za-z]{2}[^"{]*)"')
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.*") if path.suffix != ".js")


def untranslated(text: str) -> list[str]:
    """What of a template is words of a language, and not given to gettext."""
    text = NO_WORDS.sub("", text)
    said = READ_ALOUD.findall(text)
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", text, flags=re.DOTALL)
    text = NAMES.sub("", re.sub(r"&\w+;", "", re.sub(r"<[^>]*>", "\n", text)))
    return said + [line.strip() for line in text.splitlines() if re.search(r"[A-Za-z]{2}", line)]


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_word_of_a_template_is_given_to_gettext(name):
    assert untranslated((ROOT / name).read_text(encoding="utf-8")) == []


def test_it_would_notice():
    assert untranslated('<p title="Here">{{ name }} is new</p>') == ["Here", "is new"]
    assert untranslated("<p>{% translate 'Here' %} <code>GET</code> {{ name|default:'x' }}, &amp; 5</p>") == []
