"""What a change of API_KEY_PEPPERS means for the keys in the table (`accounts.key_sets` writes the setting)."""

import uuid
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from apikeys import keys
from apikeys.models import ApiKey


@dataclass(frozen=True)
class Redigest:
    """A key that was used under a former pepper, and its digest under the one in use; the secret is not kept."""

    key_id: uuid.UUID
    former: str
    pepper: str
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, key: keys.Key, row) -> "Redigest":
        """Of a proved key and its row; nothing is written on the request path, the usage flush does (`write`)."""
        ident, pepper = next(iter(settings.API_KEY_PEPPERS.items()))
        return cls(row.pk, row.pepper_id, ident, keys.digest(key, pepper))

    def write(self) -> bool:
        """Keep the new digest, unless somebody was faster."""
        rows = ApiKey.objects.filter(pk=self.key_id, pepper_id=self.former)
        return rows.update(pepper_id=self.pepper, digest=self.digest) == 1


@dataclass(frozen=True)
class Needed:
    """How much still needs one pepper."""

    pepper: str
    configured: bool
    usable: int  # keys that open something now
    asleep: int  # disabled, or of a suspended team: they would wake up dead


def needed() -> list[Needed]:
    """Every pepper that is configured or still needed, the one in use first."""
    now = timezone.now()
    kept = ApiKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)
    good = dict(ApiKey.objects.usable(now).values_list("pepper_id").annotate(Count("pk")))
    every = dict(kept.values_list("pepper_id").annotate(Count("pk")))
    order = [*settings.API_KEY_PEPPERS, *sorted(set(every) - set(settings.API_KEY_PEPPERS))]
    return [
        Needed(
            pepper, pepper in settings.API_KEY_PEPPERS, good.get(pepper, 0), every.get(pepper, 0) - good.get(pepper, 0)
        )
        for pepper in order
    ]


def under(pepper: str):
    """The keys that end with this pepper: not revoked, usable or not."""
    return ApiKey.objects.filter(pepper_id=pepper, revoked_at=None).order_by("pk")
