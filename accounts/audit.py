"""Sealing and verifying the audit trail, and the triggers that keep it append-only.

Events are sealed in batches, so that no act waits for a lock and a late commit falls into the next batch. A seal is
HMAC-SHA-256 under AUDIT_KEY over the previous seal and its events' own MACs in order of id. Each seal is also logged:
an anchor outside the database.
"""

import hashlib
import hmac
import logging
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction

from accounts.models.audit import AuditEvent, AuditSeal, mac_of, salted
from protocol.locks import alone

log = logging.getLogger(__name__)

BATCH = 10_000  # events a seal holds at most
GENESIS = "0" * 64
LOCK = "seal"  # one sealer at a time


def _seal_mac(number: int, previous: str, macs: list[str]) -> str:
    message = "\n".join([str(number), previous, *macs]).encode()
    return hmac.new(settings.AUDIT_KEY.encode(), message, hashlib.sha256).hexdigest()


def seal_batch() -> AuditSeal | None:
    """Seal the next batch; None when nothing waits. Raises Busy when somebody else is sealing."""
    with alone(LOCK):
        waiting = list(AuditEvent.objects.filter(seal=None).order_by("pk")[:BATCH])
        if not waiting:
            return None
        last = AuditSeal.objects.order_by("-number").first()
        number, previous = (last.number + 1, last.mac) if last else (1, GENESIS)
        mac = _seal_mac(number, previous, [event.mac for event in waiting])
        seal = AuditSeal.objects.create(number=number, events=len(waiting), previous=previous, mac=mac)
        AuditEvent.objects.filter(pk__in=[event.pk for event in waiting]).update(seal=seal)
        transaction.on_commit(lambda: log.info("audit seal %s:%s over %s events", number, mac, len(waiting)))
    return seal


def seal_all() -> Iterator[AuditSeal]:
    """Seal batch after batch until nothing waits. Raises Busy when somebody else is sealing."""
    while seal := seal_batch():
        yield seal


def seal_waiting() -> int:
    """The same as a job (`accounts.jobs`); answers how many events were sealed."""
    return sum(seal.events for seal in seal_all())


def _faults_of(event: AuditEvent, where: str) -> Iterator[str]:
    if not hmac.compare_digest(mac_of(event), event.mac):
        yield f"event {event.pk} {where}: it was changed, or added by another hand"
    for column in ("address", "agent"):
        value = getattr(event, column)
        if value and salted(event.salt, value) != getattr(event, f"{column}_hash"):
            yield f"event {event.pk} {where}: its {column} was changed"


def faults(anchors: dict[int, str] | None = None, each=iter) -> Iterator[str]:
    """Everything that is wrong with the trail, first things first; empty when it is whole.

    Args:
        anchors: seals noted elsewhere, number → mac; a chain that was cut and made anew differs from them.
        each: passes the seals on, to show progress.
    """
    anchors = dict(anchors or {})
    previous, expected = GENESIS, 1
    for seal in each(AuditSeal.objects.order_by("number").iterator()):
        if seal.number != expected:
            yield f"seal {expected} is missing"
        if seal.previous != previous:
            yield f"seal {seal.number} does not follow the seal before it"
        macs = []
        for event in seal.sealed.order_by("pk").iterator():
            macs.append(event.mac)
            yield from _faults_of(event, f"in seal {seal.number}")
        if len(macs) != seal.events:
            yield f"seal {seal.number} was over {seal.events} events and now has {len(macs)}"
        elif not hmac.compare_digest(_seal_mac(seal.number, seal.previous, macs), seal.mac):
            yield f"seal {seal.number} does not match its events: one of them, or the seal, was changed"
        if seal.number in anchors and anchors.pop(seal.number) != seal.mac:
            yield f"seal {seal.number} differs from its anchor"
        previous, expected = seal.mac, seal.number + 1
    for event in AuditEvent.objects.filter(seal=None).order_by("pk").iterator():
        yield from _faults_of(event, "not sealed yet")
    for number in sorted(anchors):
        yield f"seal {number} has an anchor and is missing"
