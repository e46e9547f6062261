"""The first request of a new key: awaited, refused, or good. What was counted is known a few seconds later."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.utils import timezone

from apikeys.models import ApiKey, LastUse, Outcome, RequestRecord, UsageDay, UsageHour

NEWS = timedelta(hours=1)  # for so long a first success is worth saying


class State(StrEnum):
    """How far a new key has come."""

    WAITING = "waiting"
    REFUSED = "refused"
    GOOD = "good"


@dataclass(frozen=True)
class FirstCall:
    """How far, and the request that tells it, as long as the log keeps it."""

    state: State
    record: RequestRecord | None = None


def first_call(key: ApiKey) -> FirstCall | None:
    """What became of the first request of a key that is good; None once that is old news.

    A request counts as this key's once the key was proved, so one with a mistyped key is still waited for.
    """
    if key.status != "active":
        return None
    now = timezone.now()
    good = {"key_id": key.pk, "outcome": Outcome.SUCCESS}
    if UsageDay.objects.filter(**good, day__lt=(now - NEWS).date()).exists():
        return None
    hour = UsageHour.objects.filter(**good).order_by("hour").values_list("hour", flat=True).first()
    log = RequestRecord.objects.filter(key_id=key.pk)
    if hour is not None:
        if hour <= now - NEWS - timedelta(hours=1):
            return None
        return FirstCall(State.GOOD, log.filter(status__lt=400).order_by("created_at").first())
    if not LastUse.objects.filter(pk=key.pk).exists():
        return FirstCall(State.WAITING)
    return FirstCall(State.REFUSED, log.order_by("-created_at", "-pk").first())
