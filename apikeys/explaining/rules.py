"""What each rule of the request log means: the very thing that failed, more exact than the code.

A rule is written by the server alone (`Problem.rule`). Its variable parts are shown only where they match what the
server could have written.
"""

import re

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Session
from apikeys.explaining.codes import Words
from apikeys.scopes import SENTENCES, Scope

# (code, rule) → words
FIXED = {
    ("invalid_api_key", "shape"): Words(
        _("What was sent as a key is none: it is cut, mistyped, or something else altogether."),
        _("Copy the whole key, 70 characters, without quotes or line breaks; the answer’s detail says what is off."),
    ),
    ("invalid_api_key", "unknown key"): Words(
        _("The key is well formed, but nothing here knows it: it was deleted, or is of another server."),
        _("Check that the address and the key belong together: live and test keys of another installation do not."),
    ),
    ("invalid_api_key", "revoked"): Words(
        _("The key was revoked. That is for good."),
        _("Use its successor, or make a new key."),
    ),
    ("invalid_api_key", "expired"): Words(
        _("The key’s time was over."),
        _("Make a new key, or rotate one before it expires; then put the new one where the old one is used."),
    ),
    ("invalid_api_key", "disabled"): Words(
        _("The key was disabled by somebody of the team."),
        _("Enable it on its page, if it was not disabled on purpose."),
    ),
    ("invalid_api_key", "team suspended"): Words(
        _("The key is good, but its team was suspended, and with it all of its keys."),
        _("Ask whoever runs this site why."),
    ),
    ("invalid_token", "shape"): Words(
        _("What was sent as a Bearer is neither an access token nor an API key."),
        _("Send the whole token, or the key, behind “Bearer ”."),
    ),
    ("invalid_token", "signature or claims"): Words(
        _("The access token has run out, as it does after some minutes; or it was changed, or is of another server."),
        _("Refresh it once; if that is refused too, sign in again."),
    ),
    ("invalid_token", "no such session"): Words(
        _("The session of this access token does not exist any more."), _("Sign in again.")
    ),
    ("invalid_token", "session expired"): Words(
        _("The session had run out: it was not used for too long, or had reached its last day."), _("Sign in again.")
    ),
    ("invalid_token", "developer disabled"): Words(
        _("The developer’s account was disabled, and with it every session."), _("Ask whoever runs this site why.")
    ),
    ("invalid_token", "times that do not fit the session"): Words(
        _("The token tells times that do not fit its session, so it is not one that we gave out for it."),
        _("Sign in again. If you did not make this token, tell whoever runs this site."),
    ),
    ("recent_sign_in_required", "without the second factor"): Words(
        _("The sign-in was made before its developer had a second factor, and never gave it."),
        _("Sign in again with the password and a code in “otp”."),
    ),
    ("ip_not_allowed", "address list"): Words(
        _("The key may be used from the addresses on its list alone, and the call came from another."),
        _("Add the address to the key’s list if it is yours, or call from one that is on it."),
    ),
    ("bad_request", "body cut"): Words(
        _("The connection ended before the whole body was there."),
        _("Send it again; Content-Length has to be the body’s length in bytes."),
    ),
}
ENDS = {
    Session.Reason.LOGOUT: _("it was signed out"),
    Session.Reason.REVOKED: _("it was ended by hand"),
    Session.Reason.REPLAY: _("a spent refresh token was used again, which a thief would do"),
    Session.Reason.PASSWORD_CHANGED: _("the password was changed"),
    Session.Reason.DEVELOPER_DISABLED: _("the account was disabled"),
    Session.Reason.REMOVED: _("its developer was removed from a team"),
    Session.Reason.OPERATOR: _("an operator ended it"),
    Session.Reason.KEY_COMPROMISED: _("the key that had signed its tokens was compromised"),
}
LIMIT_OF = {
    "key": _("this key"),
    "team": _("all keys of this team together"),
    "developer": _("this developer"),
}
_CLOSED = re.compile(r"session closed: ([a-z_]{0,20})")
_SCOPE = re.compile(r"scope (\S+)")
_LIMIT = re.compile(r"limit (key|team|developer) (\d{1,12})/(\d{1,12})")
_FAULT = re.compile(r"(?:[\w#/.~\[\]-]{0,80} )?[a-z_]{1,40}")


def words_of(code: str, rule: str) -> Words | None:
    """The words for a rule; None for no rule, or one that nothing here knows."""
    if (code, rule) in FIXED:
        return FIXED[code, rule]
    if code == "invalid_token" and (found := _CLOSED.fullmatch(rule)):
        return _closed(found[1])
    if code == "insufficient_scope" and (found := _SCOPE.fullmatch(rule)) and found[1] in SENTENCES:
        return _scope(Scope(found[1]))
    if code == "rate_limited" and (found := _LIMIT.fullmatch(rule)):
        return _limit(*found.groups())
    if code == "validation_error" and rule:
        return _faults(rule.split("; "))
    return None


def _closed(reason: str) -> Words:
    why = {str(end): words for end, words in ENDS.items()}.get(reason)
    if why is None:
        return Words(gettext("The session of this access token was ended."), gettext("Sign in again."))
    return Words(
        gettext("The session of this access token was ended: %(why)s.") % {"why": why},
        gettext("Sign in again. If it was not you who ended it, change the password and look at your sign-ins.")
        if reason == Session.Reason.REPLAY
        else gettext("Sign in again."),
    )


def _scope(scope: Scope) -> Words:
    said = {"scope": str(scope), "what": scope.sentence}
    return Words(
        gettext("The key is good, but it may not %(what)s: it lacks the scope %(scope)s.") % said,
        gettext("Give the key the scope %(scope)s on its page, or use a key that has it.") % said,
    )


def _limit(whose: str, most: str, seconds: str) -> Words:
    said = {"who": LIMIT_OF[whose], "most": most, "seconds": seconds}
    return Words(
        gettext("The limit of %(who)s was reached: %(most)s calls in %(seconds)s seconds.") % said,
        gettext("Wait as long as Retry-After said, then spread the calls; RateLimit in each answer says what is left.")
        if whose != "key"
        else gettext("Wait as long as Retry-After said, then spread the calls, or raise the key’s limit on its page."),
    )


def _faults(faults: list[str]) -> Words | None:
    """Field and fault, as they were counted: `#/email required`, `limit min_value`, `unknown_field`."""
    shown = [fault for fault in faults if _FAULT.fullmatch(fault)]
    if not shown:
        return None
    each = []
    for fault in shown:
        place, _space, what = fault.rpartition(" ")
        if what == "unknown_field":
            each.append(gettext("a field that this call does not know"))
        else:
            each.append(f"{place.removeprefix('#/') or gettext('the whole body')}: {what.replace('_', ' ')}")
    return Words(
        gettext("Not right in the request: %(faults)s.") % {"faults": "; ".join(each)},
        gettext("Mend these places; “errors” in the answer said each in a sentence."),
    )
