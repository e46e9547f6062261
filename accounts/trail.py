"""The audit trail as its people read it: whose events one may see, page by page, in words, with names beside the ids.

Owners and admins see what happened in their team; everybody sees what they did themselves and what was done to their
account. Each is a question of its own, by an index of its own, and the answers are merged: one question with OR would
make PostgreSQL read a million rows for a page of fifty.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent, Developer, Role, Session, Team
from accounts.models.audit import Action
from accounts.templatetags.agents import device
from protocol.pages import cursor_at

SEES_THE_TEAM = (Role.OWNER, Role.ADMIN)
AT_ONCE = 1_000  # events of a download that are held at a time

WORDS = {
    Action.DEVELOPER_CREATED: _("Made the account"),
    Action.DEVELOPER_CHANGED: _("Changed the account"),
    Action.DEVELOPER_DISABLED: _("Disabled the account"),
    Action.DEVELOPER_ENABLED: _("Enabled the account"),
    Action.DEVELOPER_DELETED: _("Deleted the account"),
    Action.DEVELOPER_CLOSED: _("Closed the account"),
    Action.DEVELOPER_REOPENED: _("Opened the account again"),
    Action.STAFF_CHANGED: _("Changed an operator’s rights"),
    Action.LIST_DOWNLOADED: _("Took a list as a file"),
    Action.EMAIL_VERIFIED: _("Proved the e-mail address"),
    Action.EMAIL_CHANGE_ASKED: _("Asked for another e-mail address"),
    Action.EMAIL_CHANGE_CANCELLED: _("Kept the e-mail address"),
    Action.EMAIL_CHANGED: _("Changed the e-mail address"),
    Action.PASSWORD_CHANGED: _("Changed the password"),
    Action.FACTOR_ADDED: _("Added a second factor"),
    Action.FACTOR_RENAMED: _("Renamed a passkey"),
    Action.FACTOR_REMOVED: _("Removed a second factor"),
    Action.FACTORS_REMOVED: _("Removed every second factor"),
    Action.RECOVERY_CODES_MADE: _("Made new recovery codes"),
    Action.RECOVERY_CODES_VOIDED: _("Voided the recovery codes"),
    Action.RECOVERY_CODE_USED: _("Used a recovery code"),
    Action.SIGN_INS_LIMITED: _("Too many failed sign-ins"),
    Action.SESSION_OPENED: _("Signed in"),
    Action.SESSION_CLOSED: _("Ended a sign-in"),
    Action.SESSION_REPLAYED: _("Ended a sign-in whose old refresh token was used again"),
    Action.SESSIONS_CLOSED: _("Ended all sign-ins"),
    Action.TEAM_CREATED: _("Made the team"),
    Action.MEMBER_INVITED: _("Invited somebody"),
    Action.INVITATION_RESENT: _("Sent an invitation again"),
    Action.INVITATION_REVOKED: _("Took an invitation back"),
    Action.MEMBER_JOINED: _("Joined the team"),
    Action.MEMBER_ROLE_CHANGED: _("Changed a member’s role"),
    Action.MEMBER_REMOVED: _("Removed a member"),
    Action.MEMBER_LEFT: _("Left the team"),
    Action.TEAM_CHANGED: _("Changed the team"),
    Action.TEAM_SUSPENDED: _("Suspended the team"),
    Action.TEAM_RESUMED: _("Resumed the team"),
    Action.TEAM_REMOVED: _("Removed the team"),
    Action.SIGNING_KEY_PROMOTED: _("Promoted a signing key"),
    Action.SIGNING_KEY_COMPROMISED: _("Dropped a compromised signing key"),
    Action.KEY_ISSUED: _("Made a key"),
    Action.KEY_CHANGED: _("Changed a key"),
    Action.KEY_ROTATED: _("Rotated a key"),
    Action.KEY_DISABLED: _("Disabled a key"),
    Action.KEY_ENABLED: _("Enabled a key"),
    Action.KEY_REVOKED: _("Revoked a key"),
    Action.KEY_SENT_IN_CLEAR: _("A key was sent over plain HTTP"),
    Action.KEY_REPORTED: _("A key was reported as leaked"),
    Action.KEY_LEAKED: _("A key was found where it should not be"),
    Action.KEY_IN_URL: _("A key was sent in a URL"),
    Action.ALERT_MUTED: _("Muted alerts of one kind"),
    Action.ALERT_UNMUTED: _("Unmuted alerts of one kind"),
    Action.USER_CREATED: _("Added a person"),
    Action.USER_CHANGED: _("Changed a person"),
    Action.USER_DELETED: _("Deleted a person"),
}
KINDS = {
    "system": _("The system"),
    "command": _("A command on the server"),
    "developer": _("Developer"),
    "session": _("Sign-in"),
    "team": _("Team"),
    "apikey": _("Key"),
    "api_key": _("Key"),
    "enduser": _("Person"),
    "alertmute": _("Muted alert"),
}


def words_for(action: str) -> str:
    """What was done, as a person says it; an action that has no words yet says its own name."""
    return str(WORDS.get(action) or action.replace(".", " ").replace("_", " ").capitalize())  # type: ignore[call-overload]


def kind_in_words(kind: str) -> str:
    """What kind of thing acted, or was acted on."""
    return str(KINDS.get(kind) or kind.replace("_", " ").capitalize())


def sees_the_team(developer: Developer, team: Team | None) -> bool:
    """Whether this member may read all that happened in the team."""
    return team is not None and developer.role_in(team.pk) in SEES_THE_TEAM


def sources(developer: Developer, team: Team | None) -> list[QuerySet]:
    """What this developer may see: the team's events, their own acts, what was done to their account."""
    mine = [AuditEvent.objects.filter(actor_id=developer.pk), AuditEvent.objects.filter(target_id=developer.pk)]
    if team is None or not sees_the_team(developer, team):
        return mine
    return [AuditEvent.objects.filter(team_id=team.pk), *mine]


Place = tuple[datetime, UUID]


def page(found: list[QuerySet], limit: int, place: Place | None = None) -> tuple[list[AuditEvent], Place | None]:
    """(at most `limit` events, newest first, from behind `place` on; the next page's place, None for the last).

    Args:
        found: the answers to merge; an event may be in several.
    """
    events: dict[UUID, AuditEvent] = {}
    behind = Q()
    if place:
        moment, pk = place
        # The first condition says nothing new, but only by it does an index begin where the page does.
        behind = Q(at__lte=moment) & (Q(at__lt=moment) | Q(pk__lt=pk))
    for rows in found:
        events |= {event.pk: event for event in rows.filter(behind).order_by("-at", "-pk")[: limit + 1]}
    merged = sorted(events.values(), key=lambda event: (event.at, event.pk), reverse=True)
    last = merged[limit - 1] if len(merged) > limit else None
    return merged[:limit], (last.at, last.pk) if last else None


def all_of(found: list[QuerySet]) -> Iterator[list[AuditEvent]]:
    """Every event, AT_ONCE by AT_ONCE: no transaction is held open while a slow reader reads."""
    place: Place | None = None
    while True:
        events, place = page(found, AT_ONCE, place)
        yield events
        if place is None:
            return


def cursor_of(place: Place | None) -> str:
    """A place as it stands in an address; '' for none."""
    return cursor_at(*place) if place else ""


def names_for(events: list[AuditEvent], developer: Developer) -> dict[UUID, str]:
    """id → name of the actors and targets that this developer may know, a query a kind; what is gone has none.

    Things are asked for by the word that the trail has for their model, so that those of the steps above have names
    too. Only what lies in a team of the developer's is named: who else acted, an operator say, stays an id.
    """
    pairs = {(event.actor_kind, event.actor_id) for event in events} | {
        (event.target_kind, event.target_id) for event in events
    }
    wanted = sorted((kind.replace("_", ""), key) for kind, key in pairs if key is not None)
    teams = list(Team.objects.of(developer).values_list("pk", flat=True))
    names: dict[UUID, str] = {}
    for kind, of_kind in groupby(wanted, key=lambda pair: pair[0]):
        rows = _known(kind, teams, developer)
        if rows is not None:
            for row in rows.filter(pk__in=[key for _, key in of_kind]).distinct():
                names[row.pk] = device(row.user_agent) if isinstance(row, Session) else str(row)
    return names


def _known(kind: str, teams: list[UUID], developer: Developer) -> QuerySet | None:
    """The things of a kind whose names a member of these teams may read."""
    model = _models().get(kind)
    if model is None:
        return None
    rows = model._default_manager.all()
    if model is Developer:
        return rows.filter(Q(memberships__team__in=teams) | Q(pk=developer.pk))
    if model is Team:
        return rows.filter(pk__in=teams)
    if model is Session:
        return rows.filter(developer__memberships__team__in=teams)
    if any(field.name == "team" for field in model._meta.concrete_fields):
        return rows.filter(team__in=teams)
    return None


def _models() -> dict[str, type[Model]]:
    """The models that have an id like the trail's, by the word that it has for them (cut as it cuts)."""
    return {
        model._meta.model_name[:12]: model  # type: ignore[index]
        for model in apps.get_models()
        if model._meta.pk.get_internal_type() == "UUIDField"
    }
