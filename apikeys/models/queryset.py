"""Keys, read as sentences; and how one is made."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Developer, Team, audit
from accounts.tokens import require_live
from apikeys import keys, notices
from protocol.problems import Conflict


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

    def of(self, developer):
        """The keys of a developer's teams."""
        return self.filter(team__memberships__developer=developer)

    def locked(self):
        """The same keys, locked until the transaction ends; what they are joined with is not."""
        return self.select_for_update(of=("self",), no_key=True)

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

    def issue(self, *, team, by, session=None, **fields) -> tuple:
        """Make a key. Answers the row and the whole key, which exists nowhere else.

        Raises:
            Conflict `too_many_keys`: the team has API_KEYS_PER_TEAM already.
            InvalidToken: the session has ended meanwhile.
        """
        with transaction.atomic():
            # The team's row is the lock that keeps two simultaneous creations from both taking the last place.
            Team.objects.select_for_update(no_key=True).get(pk=team.pk)
            require_live(session)
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
