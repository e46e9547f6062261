"""Commands as an operator runs them, in this process: what they say on stdout and stderr, and how they ask."""

from dataclasses import dataclass
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import terminal


@dataclass
class Said:
    """What a command wrote."""

    out: str
    err: str
    error: str = ""  # with which it failed, exit code 1


def run(words, stdin, capfd, monkeypatch) -> Said:
    monkeypatch.setattr("sys.stdin", StringIO(stdin))
    out, err, error = StringIO(), StringIO(), ""
    capfd.readouterr()
    try:
        call_command(*words, stdout=out, stderr=err)
    except CommandError as raised:
        error = str(raised)
        assert raised.returncode == 1
    beside = capfd.readouterr()
    return Said(out.getvalue() + beside.out, err.getvalue() + beside.err, error)


@pytest.fixture
def manage(capfd, monkeypatch):
    """manage("command", …, stdin="…") → what it said; it must not fail."""

    def manage(*words, stdin=""):
        said = run(words, stdin, capfd, monkeypatch)
        assert not said.error, said.error
        return said

    return manage


@pytest.fixture
def refused(capfd, monkeypatch):
    """refused("command", …) → what it said; it must fail, and `error` says why."""

    def refused(*words, stdin=""):
        said = run(words, stdin, capfd, monkeypatch)
        assert said.error
        return said

    return refused


@pytest.fixture
def at_a_terminal(monkeypatch):
    """at_a_terminal("answer", …): somebody is there, and answers each question in turn."""

    def at_a_terminal(*answers):
        left = list(answers)
        asked = []

        def answer(question):
            asked.append(question)
            return left.pop(0)

        monkeypatch.setattr(terminal, "is_terminal", lambda: True)
        monkeypatch.setattr(terminal, "ask", answer)
        monkeypatch.setattr(terminal, "ask_password", answer)
        return asked

    return at_a_terminal
