"""`manage.py seal_audit`: close what happened since the last seal; `run_jobs` does the same every minute."""

from django.core.management.base import BaseCommand

from accounts import audit, terminal
from accounts.models import AuditEvent
from protocol.locks import Busy


class Command(BaseCommand):
    """Seals every audit event that waits. Two at once do no harm: the second finds nothing."""

    help = "Seal the audit events that wait. Each seal is an anchor: keep N:HASH outside the database."

    def handle(self, *, verbosity, **options):
        """Seal and say the anchor."""
        waiting = AuditEvent.objects.filter(seal=None).count()
        batches = -(-waiting // audit.BATCH)
        events, last = 0, None
        try:
            for seal in terminal.progress(audit.seal_all(), batches, "Sealing", quiet=not verbosity):
                events, last = events + seal.events, seal
        except Busy:
            self.stderr.write("Somebody else is sealing at this moment, what is left included.")
        if not verbosity:
            return
        if last is None:
            self.stdout.write("Nothing waits for a seal.")
        else:
            self.stdout.write(f"Sealed {events} events. Anchor: {last.number}:{last.mac}")
