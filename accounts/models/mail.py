"""Mail that waits to be sent (`accounts.outbox`): one row a recipient, gone as soon as it is sent."""

from datetime import timedelta

from django.db import models
from django.db.models import F
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models.sealed import SealedTextField

ERROR_LENGTH = 200  # characters of an error that are kept
SUBJECT_LENGTH = 200
SENDING = timedelta(minutes=10)  # longer than any attempt lasts: until then nobody else takes a mail that was claimed
LONGEST_WAIT = timedelta(hours=6)


class WaitingMailQuerySet(models.QuerySet["WaitingMail"]):
    """Mails, read as sentences."""

    def due(self, at=None):
        """Whose next attempt is now, the longest overdue first."""
        return self.filter(next_attempt_at__lte=at or timezone.now()).order_by("next_attempt_at", "pk")


class WaitingMail(models.Model):
    """A rendered and masked mail to one recipient; to an empty one it costs the same and goes nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    body = SealedTextField()
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now, db_index=True)
    last_error = models.CharField(max_length=ERROR_LENGTH, blank=True, default="")

    objects = WaitingMailQuerySet.as_manager()

    def __str__(self):
        return f"{self.subject} to {self.recipient}"

    def claim(self) -> bool:
        """Take this mail for one attempt; False when somebody else did, or it was sent.

        The database decides, by one conditional UPDATE on a plain column. A sender that dies leaves the mail to
        whoever looks after SENDING.
        """
        mine = WaitingMail.objects.filter(pk=self.pk, attempts=self.attempts)
        won = mine.update(attempts=F("attempts") + 1, next_attempt_at=timezone.now() + SENDING)
        self.attempts += 1
        return won == 1

    def postpone(self, error: str) -> None:
        """Note a failed attempt; the next is a minute later, then two, four …, at most LONGEST_WAIT."""
        wait = min(timedelta(minutes=2 ** min(self.attempts - 1, 20)), LONGEST_WAIT)
        mine = WaitingMail.objects.filter(pk=self.pk, attempts=self.attempts)
        mine.update(next_attempt_at=timezone.now() + wait, last_error=error[:ERROR_LENGTH])
