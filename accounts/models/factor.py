"""What is remembered of one-time codes, so that each is good once; the factors themselves are allauth's rows."""

from allauth.mfa.models import Authenticator
from django.db import models


class LastCode(models.Model):
    """The time step of the last code of an authenticator app that was taken: only later ones open (RFC 6238 §5.2).

    In the database and not in the cache: with the cache away each code would be good as often as it is sent, or never.
    """

    authenticator = models.OneToOneField(
        Authenticator, on_delete=models.CASCADE, primary_key=True, related_name="last_code"
    )
    step = models.BigIntegerField()  # of 30 seconds since 1970

    def __str__(self):
        return f"Step {self.step}"

    @classmethod
    def take(cls, authenticator: Authenticator, step: int) -> bool:
        """Whether the code of this step is the first of its step or later; the UPDATE decides between two at once."""
        return cls.objects.filter(authenticator=authenticator, step__lt=step).update(step=step) == 1
