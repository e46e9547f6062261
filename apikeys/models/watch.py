"""What watching a key has to remember: the networks it was used from, and what its keepers were reminded of."""

from django.db import models


class KnownNetwork(models.Model):
    """A key was used from this /24 or /64, last on that day (UTC).

    No foreign key, as with all that a flush writes. With the network "" it says that the key was in use when alerts
    came: until LEARNING later every network of it is learned and none is news.
    """

    pk = models.CompositePrimaryKey("key_id", "network")
    key_id = models.UUIDField()
    network = models.CharField(max_length=43)
    seen_on = models.DateField(db_index=True)

    def __str__(self):
        return self.network


class Reminder(models.Model):
    """A reminder that was mailed: of what (`subject_id`), which one, and the moment that it was about. Never twice."""

    subject_id = models.UUIDField()
    what = models.CharField(max_length=20)
    about = models.DateTimeField()
    sent_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject_id", "what", "about"], name="reminded_once")]

    def __str__(self):
        return f"{self.what} of {self.about:%Y-%m-%d}"
