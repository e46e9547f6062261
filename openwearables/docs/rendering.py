"""From a page's Markdown to HTML that a strict content security policy and a screen reader take as it is."""

import re
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from xml.etree.ElementTree import Element

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions.toc import TocExtension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from openwearables.docs.catalog import Page
from openwearables.docs.text import markdown_of

HEADINGS = ("h1", "h2", "h3", "h4")


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it, as plain text, for the search."""

    anchor: str
    title: str
    text: str


@dataclass(frozen=True)
class Rendered:
    """A page as HTML, its table of contents [(anchor, words)], and its sections."""

    html: SafeString
    contents: list[tuple[str, str]]
    sections: list[Section]


def slugify(title: str, separator: str = "-") -> str:
    """The anchor of a heading, as GitHub makes it, so that links work there too."""
    return re.sub(r"[^\w -]", "", title).strip().replace(" ", separator).lower()


class _Lists(Preprocessor):
    """Our files indent what belongs to a list by two or three spaces; Python-Markdown knows four, without fences."""

    def run(self, lines):
        """Indent by four; turn a fence inside a list into a block of indented code."""
        found: list[str] = []
        fence: str | None = None
        for line in lines:
            opening = re.fullmatch(r"( *)```.*", line)
            if fence is None and opening:
                fence = opening[1]
                found.append("" if fence else line)
            elif fence is not None and line == f"{fence}```":
                found.append("" if fence else line)
                fence = None
            elif fence:
                found.append(" " * 8 + line.removeprefix(fence))
            elif fence == "":
                found.append(line)
            else:
                found.append(re.sub(r"^ {2,3}(?=\S)", "    ", line))
        return found


class _Frames(Treeprocessor):
    """What may be wider than a telephone scrolls by itself, and can be reached with the keyboard."""

    def run(self, root):
        """Wrap tables; mark links that lead elsewhere."""
        for parent in list(root.iter()):
            for place, child in enumerate(list(parent)):
                if child.tag == "table":
                    frame = Element(
                        "div", {"class": "scroll", "tabindex": "0", "role": "group", "aria-label": _("Table")}
                    )
                    frame.append(child)
                    parent[place] = frame
                elif child.tag == "a" and child.get("href", "").startswith("http"):
                    child.set("rel", "noreferrer")


class Ours(Extension):
    """No HTML in Markdown, and the two above."""

    def extendMarkdown(self, md):
        """Called by Markdown."""
        md.preprocessors.deregister("html_block")
        md.inlinePatterns.deregister("html")
        md.preprocessors.register(_Lists(md), "lists", 28)  # before fences (25)
        md.treeprocessors.register(_Frames(md), "frames", 1)


@cache
def rendered(page: Page) -> Rendered:
    """The page; made once a process."""
    toc = TocExtension(slugify=slugify, permalink="#", permalink_class="anchor", permalink_title=_("Link to here"))
    markdown = Markdown(extensions=["tables", "fenced_code", "sane_lists", toc, Ours()], tab_length=4)
    html = markdown.convert(markdown_of(page)).replace("<pre>", '<pre tabindex="0">')
    html = re.sub(r'<a class="anchor"[^>]*>#</a></h1>', "</h1>", html)  # the page itself is its link
    reader = _Sections()
    reader.feed(html)
    contents = [(token["id"], token["html"]) for token in _flat(markdown.toc_tokens) if token["level"] == 2]  # type: ignore[attr-defined]
    return Rendered(mark_safe(html), contents, reader.sections())  # noqa: S308 - our own files, HTML in them escaped


def _flat(tokens) -> list[dict]:
    return [entry for token in tokens for entry in (token, *_flat(token["children"]))]


class _Sections(HTMLParser):
    """Cuts a page at its headings."""

    def __init__(self):
        super().__init__()
        self.found: list[dict] = []
        self.inside = ""  # the heading that is open
        self.skips = False

    def handle_starttag(self, tag, attrs):
        """A heading begins a section."""
        told = dict(attrs)
        if tag in HEADINGS:
            self.inside = tag
            self.found.append({"anchor": told.get("id", ""), "title": "", "text": ""})
        elif tag == "a" and told.get("class") == "anchor":
            self.skips = True
        elif tag in ("p", "li", "td", "th", "pre", "tr") and self.found:
            self.found[-1]["text"] += " "

    def handle_endtag(self, tag):
        """The text after a heading belongs to its section."""
        if tag == self.inside:
            self.inside = ""
        elif tag == "a":
            self.skips = False

    def handle_data(self, data):
        """Words of the heading or of its text."""
        if self.found and not self.skips:
            self.found[-1]["title" if self.inside else "text"] += data

    def sections(self) -> list[Section]:
        """What was found, with its white space made one space each."""
        return [Section(*(" ".join(row[name].split()) for name in ("anchor", "title", "text"))) for row in self.found]
