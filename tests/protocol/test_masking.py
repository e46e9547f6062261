"""No secret in a log line, whichever part of it held one."""

import json
import logging
import sys

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils.log import configure_logging

from openwearables.logging import logging_at
from protocol.current import caller_of, current_request
from protocol.logs import MaskingJsonFormatter
from protocol.masking import mask

KEY = "ow_live_9hXk2QmZt4Rb_" + "s" * 43 + "c" * 6


@pytest.mark.parametrize(
    "text", [KEY, KEY[:40], KEY.replace("_", "%5F"), KEY.replace("_", "%5f"), KEY.replace("_", "%255F")]
)
def test_a_key_is_cut_to_what_may_be_shown(text):
    shown = mask(f"see {text}.")
    assert "ssss" not in shown
    assert "9hXk2QmZt4Rb…" in shown


def test_a_token_is_cut_whole():
    assert mask("Bearer eyJhbGci.eyJzdWIi.sig-_n x") == "Bearer eyJ… x"


@pytest.mark.parametrize("before", ["%20", "%3D", "%253D", "\\n", "\\t", "\\u001b", "\\x1b", "Bearer\n"])
def test_a_token_is_cut_behind_an_escape_too(before):
    assert mask(f"{before}eyJhbGci.eyJzdWIi.sig x") == f"{before}eyJ… x"


@pytest.mark.parametrize("text", ["ow_live_9hXk2QmZt4Rb", "a key", "eye Jane", "ow_live_9hXk2QeyJ4Rb", "n3DeyJa"])
def test_what_is_no_secret_stays(text):
    assert mask(text) == text


def line(**parts):
    record = logging.LogRecord("t", logging.ERROR, __file__, 1, parts.pop("message", "m"), (), parts.pop("exc", None))
    record.__dict__.update(parts)
    return MaskingJsonFormatter("%(message)s").format(record)


def test_a_log_line_is_one_line_of_json_and_masked_as_a_whole():
    try:
        raise ValueError(f"inside {KEY}")
    except ValueError:
        text = line(message=f"key {KEY}\r\n\x1b[31mred", extra_field=KEY, exc=sys.exc_info())
    assert "\n" not in text
    assert "\x1b" not in text
    assert "ssss" not in text
    assert json.loads(text)["extra_field"] == "ow_live_9hXk2QmZt4Rb…"


def test_a_token_at_the_beginning_of_a_line_is_masked_in_a_log_line():
    assert "hbGci" not in line(message="body:\neyJhbGci.eyJzdWIi.sig", extra_field="\teyJhbGci.eyJzdWIi.sig")


@pytest.fixture
def talkative(capsys):
    """The log as it is at LOG_LEVEL=DEBUG, in its own place."""
    config = logging_at("DEBUG")
    loggers = [logging.getLogger(), *map(logging.getLogger, config["loggers"])]
    before = [(logger.handlers[:], logger.level, logger.propagate) for logger in loggers]
    configure_logging(settings.LOGGING_CONFIG, config)
    yield lambda: capsys.readouterr().err
    for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


def test_a_strange_host_leaves_no_line(talkative):
    logging.getLogger("django.security.DisallowedHost").error("Invalid HTTP_HOST header: 'evil.example'.")
    assert talkative() == ""


def test_no_level_logs_what_a_page_was_made_of(talkative):
    Template("{{ nothing.here }}").render(Context({"codes": ["12345 67890"]}))
    assert "67890" not in talkative()


def test_a_log_line_has_the_request_id_and_never_the_request(rf):
    request = rf.get("/?password=hunter2")
    request.request_id = "r-1"
    token = current_request.set(request)
    try:
        found = json.loads(line(request=request, response=request))
    finally:
        current_request.reset(token)
    assert found["request_id"] == "r-1"
    assert "hunter2" not in str(found)
    assert "request_id" not in json.loads(line())


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("curl/8.1", "curl/8.1"),
        ("x" * 500, "x" * 200),
        ("a\x1bb\x00c", "a\ufffdb\ufffdc"),
        ("Zo\xc3\xab", "Zoë"),
        ("\xff", "\ufffd"),
        ("\xe2\x80\xaeevil", "\ufffdevil"),
    ],
)
def test_an_agent_is_cut_and_cleaned(as_ann, ann, raw, kept):
    as_ann.call(
        "POST", "/auth/login", {"username": ann.email, "password": "correct horse battery staple"}, HTTP_USER_AGENT=raw
    )
    assert as_ann.call("GET", "/auth/sessions").json()[0]["user_agent"] == kept


def test_without_a_request_there_is_no_caller():
    assert caller_of(None) == (None, "")
