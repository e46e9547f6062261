"""What commands share: asking and a progress bar, both on stderr."""

from io import StringIO

import pytest
from django.core.management import CommandError

from accounts import terminal


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.fixture
def screen(monkeypatch):
    """A terminal's stderr; stdin is a terminal too, and holds what is typed."""

    def screen(typed=""):
        stderr = Terminal()
        monkeypatch.setattr("sys.stdin", Terminal(typed))
        monkeypatch.setattr("sys.stderr", stderr)
        return stderr

    return screen


def test_a_question_goes_to_stderr_and_stdout_stays_empty(screen, capsys):
    stderr = screen("  Ann \n")
    assert terminal.ask("Who? ") == "Ann"
    assert stderr.getvalue() == "Who? "
    assert capsys.readouterr().out == ""


def test_the_end_of_input_cancels(screen):
    screen("")
    with pytest.raises(CommandError, match="Cancelled"):
        terminal.ask("Who? ")


@pytest.mark.parametrize("typed", ["no\n", "\n", "y\n"])
def test_only_yes_confirms(screen, typed):
    screen(typed)
    with pytest.raises(CommandError, match="Cancelled"):
        terminal.confirm("This ends all.", noinput=False)


def test_yes_confirms_and_noinput_and_a_pipe_do_not_ask(screen, monkeypatch):
    screen("yes\n")
    terminal.confirm("This ends all.", noinput=False)
    stderr = screen("no\n")
    terminal.confirm("This ends all.", noinput=True)
    monkeypatch.setattr("sys.stdin", StringIO("no\n"))
    terminal.confirm("This ends all.", noinput=False)
    assert stderr.getvalue() == ""


def test_a_password_that_is_cancelled_changes_nothing(monkeypatch):
    def cancelled(question, stream):
        raise KeyboardInterrupt

    monkeypatch.setattr("getpass.getpass", cancelled)
    with pytest.raises(CommandError, match="Cancelled"):
        terminal.ask_password("Password: ")


def test_a_bar_appears_when_it_takes_long_and_counts_to_the_end(screen, monkeypatch):
    stderr = screen()
    monkeypatch.setattr(terminal, "SHOWN_AFTER", -1)
    assert list(terminal.progress("abc", 3, "Adding")) == ["a", "b", "c"]
    assert stderr.getvalue().endswith(f"Adding [{'#' * 30}] 3/3\n")


def test_no_bar_for_what_is_quick_quiet_or_piped(screen, monkeypatch):
    stderr = screen()
    assert list(terminal.progress("abc", 3, "Adding")) == ["a", "b", "c"]
    monkeypatch.setattr(terminal, "SHOWN_AFTER", -1)
    list(terminal.progress("abc", 3, "Adding", quiet=True))
    assert stderr.getvalue() == ""
    piped = StringIO()
    monkeypatch.setattr("sys.stderr", piped)
    list(terminal.progress("abc", 3, "Adding"))
    assert piped.getvalue() == ""
