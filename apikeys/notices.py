"""What a team's owners and a key's maker are told about keys; `accounts.notices` sends it.

What is an alert (`accounts.alerts`) is told once a day and key, and not to who muted it.
"""

from django.conf import settings
from django.urls import reverse

from accounts import alerts, notices
from accounts.models import Alert, Developer
from apikeys.unusual import words_for


def key_made(key) -> None:
    """A new or rotated live key: every owner should know of it."""
    if key.environment != "live":
        return
    kind = Alert.Kind.KEY_ROTATED if key.rotated_from_id else Alert.Kind.KEY_MADE
    alert = alerts.from_here(kind=kind, **_about(key))
    alerts.tell(alert, lambda: _send(key, "live_key_made", maker=key.created_by))


def key_leaked(key, how: str, *, revoked: bool, source: str = "") -> None:
    """A key is where it should not be: its owners and its maker should act, whether it was revoked or not."""
    _send(key, f"key_{how}", revoked=revoked, source=source)


def key_exposed(key, how: str, *, revoked: bool) -> bool:
    """The request at hand shows a key to others on its way; answers whether that is news today.

    That it was revoked is told even to who was told before, or muted the alert: a program has stopped working.
    """
    alert = alerts.from_here(kind=Alert.Kind(how), **_about(key))
    news = alerts.tell(alert, (lambda: None) if revoked else (lambda: key_leaked(key, how, revoked=False)))
    if revoked:
        key_leaked(key, how, revoked=True)
    return news


def unusual(key, kind: Alert.Kind, **seen) -> bool:
    """Something unusual was seen of a key; answers whether that is news today.

    Args:
        seen: of the Alert: `detail`, and `created_at`, `ip` and `user_agent` of the request that shows it.
    """
    alert = Alert.of_today(kind=kind, **_about(key), **seen)
    return alerts.tell(alert, lambda: _send(key, "key_unusual", alert=alert, words=words_for(alert)))


def key_expires(key, *, days: int) -> None:
    """A key stops working in so many days."""
    _send(key, "key_expires", days=days)


def keys_unused(team, keys: list, more: int) -> None:
    """Keys that nobody used for 90 days: these, and so many more."""
    link = f"{settings.SITE_URL}{reverse('key-list')}?use=unused"
    notices.send("keys_unused", notices.owners_of(team), team=team, keys=keys, more=more, link=link)


def _about(key) -> dict:
    return {"team_id": key.team_id, "subject_id": key.pk, "key_id": key.pk}


def _send(key, template: str, **context) -> None:
    notices.send(template, _keepers_of(key), key=key, team=key.team, **context)


def maker_left(team, developer: Developer, left, fate: str) -> None:
    """Somebody who saw keys is no longer with the team: its owners see which, and what became of them."""
    notices.send("maker_left", notices.owners_of(team), team=team, developer=developer, left=left, fate=fate)


def _keepers_of(key) -> list[str]:
    """The addresses of the team's owners, and of whoever made the key if they are still in the team."""
    maker = Developer.objects.filter(pk=key.created_by_id, memberships__team=key.team, is_active=True)
    return sorted({*notices.owners_of(key.team), *maker.values_list("email", flat=True)})
