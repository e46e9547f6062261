"""The people whose wearable data a team handles."""

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import Team, audit
from apikeys.models import ApiKey
from protocol.problems import Conflict, NotFound
from protocol.sql import Columns, fetch_row

SEARCHED = ("first_name", "last_name", "email", "external_user_id")


class EndUserQuerySet(models.QuerySet["EndUser"]):
    """End users, read as sentences."""

    def in_(self, team_id, environment):
        """The people of one team in one environment: all that a caller may ever see."""
        return self.filter(team_id=team_id, environment=environment)

    def addressed(self, email):
        """The person with this address, by the index that keeps addresses unique: compared without case."""
        return self.annotate(address=Lower("email")).filter(address=email.lower())

    def matching(self, text):
        """People with this text in a name, an e-mail or an external id."""
        found = Q()
        for field in SEARCHED:
            found |= Q(**{f"{field}__icontains": text})
        return self.filter(found)

    def register(self, *, team_id, environment, by, **fields) -> "EndUser":
        """Create a person. Raises Conflict when the e-mail or external id exists in this team and environment."""
        with _taken_is_a_conflict(), transaction.atomic():
            _queue(team_id)
            user = self.create(team_id=team_id, environment=environment, **fields)
            audit.record(by, audit.Action.USER_CREATED, user, team=team_id)
        return user


def _queue(team_id) -> None:
    """Let one at a time through: two who swap e-mails would each wait for what the other holds, a deadlock."""
    Team.objects.select_for_update(no_key=True).get(pk=team_id)


class _taken_is_a_conflict:
    """Let the unique constraints decide, and say what they decided."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, IntegrityError) and "unique" in str(error).lower():
            raise Conflict("A user with this email or external_user_id exists already in this environment.") from error


class EndUser(models.Model):
    """A person whose data is held, in one team and one environment. Audited as `enduser`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="end_users")
    environment = models.CharField(max_length=4, choices=ApiKey.Environment)
    first_name = models.CharField(max_length=100, null=True, blank=True)
    last_name = models.CharField(max_length=100, null=True, blank=True)
    email = models.EmailField(null=True, blank=True)
    external_user_id = models.CharField(max_length=255, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EndUserQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("team", "environment", Lower("email"), name="end_user_email_unique"),
            models.UniqueConstraint("team", "environment", "external_user_id", name="end_user_external_id_unique"),
        ]
        indexes = [models.Index(fields=["team", "environment", "-created_at", "-id"], name="end_user_by_team")]

    def __str__(self):
        return f"{self.first_name or ''} {self.last_name or ''}".strip() or str(self.pk)

    def change(self, *, by, **fields) -> None:
        """Change what is said of a person. Raises Conflict as `register`, NotFound when they were deleted meanwhile."""
        rows = EndUser.objects.filter(pk=self.pk)
        with _taken_is_a_conflict(), transaction.atomic():
            _queue(self.team_id)
            if not rows.update(updated_at=timezone.now(), **fields):
                raise NotFound
            audit.record(by, audit.Action.USER_CHANGED, self, team=self.team_id, fields=sorted(fields))
            self.refresh_from_db()

    def erase(self, *, by) -> None:
        """Delete a person and all that is held of them. Raises NotFound when somebody else did meanwhile."""
        with transaction.atomic():
            if not EndUser.objects.filter(pk=self.pk).delete()[0]:
                raise NotFound
            audit.record(by, audit.Action.USER_DELETED, self, team=self.team_id)


class Headcount(models.Model):
    """How many people a team has in an environment. Triggers write it (`wearables.counting`), nobody else."""

    pk = models.CompositePrimaryKey("team_id", "environment")
    team_id = models.UUIDField()
    environment = models.CharField(max_length=4)
    people = models.BigIntegerField()

    def __str__(self):
        return f"{self.people} people"

    @classmethod
    def of(cls, team_id, environment) -> int:
        """The number."""
        rows = cls.objects.filter(team_id=team_id, environment=environment)
        return rows.values_list("people", flat=True).first() or 0


PERSON = Columns(EndUser, "u")
FIND = f"""
    SELECT {PERSON.sql} FROM wearables_enduser u WHERE u.id = %s AND u.team_id = %s AND u.environment = %s
"""  # noqa: S608 - names of columns


def find(user_id, team_id, environment) -> EndUser:
    """One person of a team and environment, by hand: programs ask for people all day. Raises NotFound."""
    row = fetch_row(FIND, (user_id, team_id, environment))
    if row is None:
        raise NotFound
    return PERSON.row(row)
