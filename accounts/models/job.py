"""When each regular job (`accounts.jobs`) last ran, and how it went."""

from django.db import models

ERROR_LENGTH = 200  # characters of an error that are kept


class JobRun(models.Model):
    """One row a job. It is written by whichever server ran it last."""

    name = models.CharField(max_length=40, primary_key=True)
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=ERROR_LENGTH, default="")
    milliseconds = models.PositiveIntegerField(default=0)

    def __str__(self):
        return self.name
