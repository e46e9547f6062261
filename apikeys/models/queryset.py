"""Keys, read as sentences; and how one is made."""

from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Subquery, Sum
from django.utils import timezone

from accounts.models import Developer, Membership, Team, audit
from accounts.teams import require_managing
from accounts.tokens import require_live
from apikeys import keys, notices
from apikeys.models.usage import LastUse, Outcome, UsageHour
from protocol.problems import Conflict

# Of the caller; a 404 or 422 is about what it sent.
REFUSALS = (Outcome.UNAUTHORIZED, Outcome.FORBIDDEN, Outcome.LIMITED)
UNUSED_AFTER = timedelta(days=90)
EXPIRES_SOON = timedelta(days=7)


class ApiKeyQuerySet(models.QuerySet):
    """Keys, read as sentences."""

    def usable(self, at=None):
        """Keys that open something now. `authentication.find` says the same of one row."""
        at = at or timezone.now()
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=at),
            revoked_at=None,
            disabled_at=None,
            team__suspended_at=None,
        )

    def with_last_use(self):
        """The same keys, with `last_used_at` in the same query."""
        uses = LastUse.objects.filter(pk=OuterRef("pk"))
        return self.annotate(last_used_at=Subquery(uses.values("last_used_at")))

    def of(self, developer):
        """The keys of a developer's teams."""
        return self.filter(team__memberships__developer=developer)

    def locked(self):
        """The same keys, locked until the transaction ends; what they are joined with is not."""
        return self.select_for_update(of=("self",), no_key=True)

    def changed_since(self, moment):
        """Keys that were made, rotated, changed or switched after `moment`; use is no change."""
        return self.filter(updated_at__gt=moment)

    def with_status(self, status, at=None):
        """Keys whose `status` is this one."""
        at = at or timezone.now()
        past = Q(expires_at__lte=at)
        return self.filter(
            {
                "revoked": Q(revoked_at__isnull=False),
                "expired": Q(revoked_at=None) & past,
                "disabled": Q(revoked_at=None, disabled_at__isnull=False) & ~past,
                "active": Q(revoked_at=None, disabled_at=None) & (Q(expires_at=None) | Q(expires_at__gt=at)),
            }[status]
        )

    def matching(self, text):
        """Keys whose name holds `text`, or whose public part begins with it; `text` holds no secret."""
        scheme, _, rest = text.partition("_")
        environment, _, public_id = rest.partition("_")
        if f"{scheme}_" == keys.SCHEME and environment in keys.ENVIRONMENTS:
            return self.filter(environment=environment, public_id__startswith=public_id)
        return self.filter(Q(name__icontains=text) | Q(public_id__startswith=text))

    def counted(self):
        """The keys that count towards a team's number: not revoked, and a chain of rotations once.

        A key in its overlap stands in for a successor that was revoked: else every such overlap would be one more key.
        """
        in_its_place = Q(successor__revoked_at__isnull=False, expires_at__gt=timezone.now())
        return self.filter(Q(successor=None) | in_its_place, revoked_at=None)

    def never_used(self):
        """Keys that were never recognised; what was counted in the last USAGE_FLUSH_SECONDS is not known yet."""
        return self.filter(~Exists(LastUse.objects.filter(key_id=OuterRef("pk"))))

    def unused_for(self, span, at=None):
        """Keys that exist for so long and were not recognised in all that time, the never used among them."""
        since = (at or timezone.now()) - span
        used_since = LastUse.objects.filter(key_id=OuterRef("pk"), last_used_at__gt=since)
        return self.filter(~Exists(used_since), created_at__lte=since)

    def refused_often(self, at_least=50, within=timedelta(hours=1), at=None):
        """Keys that were told 401, 403 or 429 at least so often.

        Counted by whole hours, those that the span reaches into included: it sees rather too much than too little.
        """
        since = (at or timezone.now()) - within - timedelta(hours=1)
        # Added up once for all keys, by the index on the hour; an Exists would go to the counts once for each key.
        often = (
            UsageHour.objects.filter(hour__gt=since, outcome__in=REFUSALS)
            .values("key_id")
            .annotate(refusals=Sum("count"))
            .filter(refusals__gte=at_least)
        )
        return self.filter(pk__in=often.values("key_id"))

    def expiring(self, within=EXPIRES_SOON, at=None):
        """Keys that open something now, and will not when so much time has passed."""
        at = at or timezone.now()
        return self.usable(at).filter(expires_at__lte=at + within)

    def left_behind(self, at=None):
        """Keys whose text was seen by somebody who is no longer with their team, or may not sign in; until rotated."""
        with_us = Membership.objects.filter(
            team=OuterRef("team"), developer=OuterRef("created_by"), developer__is_active=True
        )
        ahead = Q(expires_at=None) | Q(expires_at__gt=at or timezone.now())
        return self.filter(ahead, ~Exists(with_us), created_by__isnull=False, revoked_at=None)

    def that_need_a_look(self, why):
        """Keys that are `unused`, `never` used, `refused` often, `expiring` or `left` behind; not the revoked."""
        keys = self.filter(revoked_at=None)
        return {
            "unused": lambda: keys.unused_for(UNUSED_AFTER),
            "never": keys.never_used,
            "refused": keys.refused_often,
            "expiring": keys.expiring,
            "left": keys.left_behind,
        }[why]()

    def issue(self, *, team, by, session=None, **fields) -> tuple:
        """Make a key. Answers the row and the whole key, which exists nowhere else.

        Raises:
            Conflict `too_many_keys`: the team has API_KEYS_PER_TEAM already.
            InvalidToken: the session has ended meanwhile. Forbidden: the role was taken away meanwhile.
        """
        with transaction.atomic():
            # The team's row is the lock that keeps two simultaneous creations from both taking the last place.
            Team.objects.select_for_update(no_key=True).get(pk=team.pk)
            require_live(session)
            if session is not None:
                require_managing(by, team.pk)
            most = settings.API_KEYS_PER_TEAM
            if self.filter(team=team).counted().count() >= most:
                raise Conflict(
                    f"This team has {most} keys already: revoke one that is not used any more.", code="too_many_keys"
                )
            key, text = self.mint_row(team=team, by=by, session=session, **fields)
            audit.record(by, audit.Action.KEY_ISSUED, key, team=team.pk, environment=key.environment)
            notices.key_made(key)
        return key, text

    def mint_row(self, *, by, session, environment="live", **fields) -> tuple:
        """The row of a newly minted key and its whole text; only `issue` and `rotate` have a reason to."""
        minted = keys.mint(environment)
        pepper_id, pepper = next(iter(settings.API_KEY_PEPPERS.items()))
        key = self.create(
            public_id=minted.public_id,
            digest=keys.digest(minted, pepper),
            pepper_id=pepper_id,
            environment=environment,
            created_by=by if isinstance(by, Developer) else None,
            created_in=session,
            **fields,
        )
        return key, minted.text
