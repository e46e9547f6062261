"""Each kind of alert in words: what was unusual, and what to do about it."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.models import Alert

Kind = Alert.Kind


class Words(NamedTuple):
    """A title, what was seen, and what to do."""

    title: str
    what: str
    advice: str


def words_for(alert: Alert) -> Words:
    """An alert as a person reads it, in the reader's language."""
    what, advice = _sentences(alert.kind)
    detail = alert.detail
    return Words(
        str(Kind(alert.kind).label), what % {"detail": detail, "ip": alert.ip or _("an unknown address")}, advice
    )


def _sentences(kind: str) -> tuple[str, str]:
    return {
        Kind.NEW_NETWORK: (
            _("It was used from %(detail)s, a network that it was never used from before."),
            _("If that is no machine of yours, revoke the key. If it is, a list of addresses keeps all others out."),
        ),
        Kind.OUTSIDE_LIST: (
            _("Somebody has the whole key and tried it from %(ip)s, which is not on its list. They were refused."),
            _("If that is no machine of yours, the key has leaked: rotate it as leaked. Else add the address."),
        ),
        Kind.IN_BROWSER: (
            _("It was sent by a page of %(detail)s: whoever opens that page can read the key."),
            _("Let your server call us for the page, and rotate the key as leaked."),
        ),
        Kind.SENT_IN_CLEAR: (
            _("It came over plain HTTP: whoever stood between may have read it. The call was refused."),
            _("Let the program call https://, and rotate the key as leaked."),
        ),
        Kind.IN_URL: (
            _("It stood in the address of a request: logs and histories on the way keep such addresses."),
            _("Send the key in a header, and rotate it as leaked."),
        ),
        Kind.AFTER_SILENCE: (
            _("It was used again after more than 30 silent days; the last use before was on %(detail)s."),
            _("If nobody of your team started that program again, revoke the key."),
        ),
        Kind.BUSY_HOUR: (
            _("It was used more than ten times as much as in its usual hour: %(detail)s."),
            _("Look at what it is used for. If you don’t know that program, revoke the key."),
        ),
        Kind.REFUSED_OFTEN: (
            _("More than 50 of its calls were refused within an hour: %(detail)s."),
            _("Look at the refusals: a scope, a limit or an address may be missing, or somebody is trying doors."),
        ),
        Kind.SESSION_REPLAYED: (
            _("An old refresh token was used again, so that sign-in was ended with its access tokens."),
            _("If no two programs of yours share a token, change your password and look at the keys made since."),
        ),
        Kind.KEY_MADE: (
            _("Somebody of the team, or an operator, made this live key."),
            _("If nobody should have, revoke it."),
        ),
        Kind.KEY_ROTATED: (
            _("Somebody of the team, or an operator, replaced a live key by this one."),
            _("If nobody should have, revoke both."),
        ),
    }[Kind(kind)]
