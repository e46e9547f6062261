"""A person who signs in."""

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import audit
from accounts.models.session import Session
from accounts.models.team import Membership, Role, SuspendedReason, Team
from protocol.problems import InvalidToken


class DeveloperManager(BaseUserManager):
    """Makes developers whole: with a home team, a membership and a verified address."""

    @classmethod
    def normalize_email(cls, email):
        """E-mail addresses are compared without case, so they are kept in lower case."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, username):
        """Find by e-mail, whatever its case."""
        return self.get(email=self.normalize_email(username))

    @transaction.atomic
    def create_user(self, email, password=None, *, by=None, verified=True, hashed="", **fields):
        """Create a developer.

        Args:
            by: who did it (None: the developer, or a command).
            verified: whether the address is proved; one who signs up has to do that first.
            hashed: the password's hash, in its place, where it was made before the transaction began.
        """
        email = self.normalize_email(email)
        if not email:
            raise ValueError("A developer needs an e-mail address.")
        first_name = fields.get("first_name", "")
        team = Team.objects.create(name=f"{first_name or email.partition('@')[0]}'s team"[:100])
        developer = Developer(email=email, home_team=team, **fields)
        if hashed:
            developer.password = hashed
        else:
            developer.set_password(password)
        developer.save(using=self._db)
        Membership.objects.create(team=team, developer=developer, role=Role.OWNER)
        EmailAddress.objects.create(user=developer, email=email, primary=True, verified=verified)
        audit.record(by or developer, audit.Action.DEVELOPER_CREATED, developer, team=team.pk)
        return developer

    def create_superuser(self, email, password=None, **fields):
        """Create an operator who may do everything in the admin."""
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})


class Developer(AbstractBaseUser, PermissionsMixin):
    """A person who signs in; the e-mail is the name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    first_name = models.CharField(max_length=100, blank=True, default="")
    last_name = models.CharField(max_length=100, blank=True, default="")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may open the admin", default=False)
    home_team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closing_at = models.DateTimeField(null=True, blank=True, editable=False)  # when a closed account is emptied
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    links_from = models.DateTimeField(null=True, blank=True, editable=False)  # links of mails made earlier are void
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    shared: list[Membership]  # of those whom `accounts.members.colleagues` finds
    gave_factor = False  # whether the sign-in under way has given a second factor; no column

    objects = DeveloperManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="developer_email_without_case")]

    def __str__(self):
        return "A closed account" if self.erased_at else self.email

    def get_full_name(self) -> str:
        """First and last name, or the e-mail."""
        if self.erased_at:
            return "A closed account"
        return f"{self.first_name} {self.last_name}".strip() or self.email

    def role_in(self, team_id) -> str | None:
        """The developer's role in a team; None for a team that isn't theirs."""
        return self.memberships.filter(team_id=team_id).values_list("role", flat=True).first()

    def present_home_team(self):
        """The home team, as long as the developer is in it; None after leaving it."""
        return Team.objects.of(self).filter(pk=self.home_team_id).first()

    def rename(self, *, by, **names: str) -> None:
        """Set `first_name` or `last_name` or both, already validated."""
        for name, value in names.items():
            setattr(self, name, value)
        with transaction.atomic():
            self.save(update_fields=[*names, "updated_at"])
            audit.record(by, audit.Action.DEVELOPER_CHANGED, self, team=self.home_team_id, fields=sorted(names))

    def change_password(self, new: str, *, by, keep=None) -> int:
        """Set a new password and end every other session in the same transaction.

        Args:
            new: the password, already validated.
            keep: the session to leave open, the one that asked.

        Returns:
            how many sessions ended. Reset links die too: their token is made from the old hash.

        Raises:
            InvalidToken: somebody else changed it since it was read here, and so ended the session that asked.
        """
        with transaction.atomic():
            now = Developer.objects.select_for_update(no_key=True).get(pk=self.pk)
            if now.password != self.password:
                raise InvalidToken("Your password was changed meanwhile: sign in with the new one.")
            self.set_password(new)
            self.save(update_fields=["password", "updated_at"])
            ended = Session.objects.of(self).close(Session.Reason.PASSWORD_CHANGED, but=keep)
            # Another address that waits for its link may be a thief's; the links themselves die with the old hash.
            EmailAddress.objects.filter(user=self, verified=False).exclude(email=self.email).delete()
            audit.record(by, audit.Action.PASSWORD_CHANGED, self, ended=ended)
        return ended

    def lock_teams(self) -> None:
        """Keep two members from being switched at once: each would look at the other as it was before.

        In order of their ids, so that two such locks can't wait for each other.
        """
        mine = Membership.objects.filter(developer=self).values("team")
        list(Team.objects.filter(pk__in=mine).order_by("pk").select_for_update(no_key=True))

    def disable(self, *, by) -> bool:
        """Stop the developer from signing in, end every session, and suspend teams left without anybody."""
        with transaction.atomic():
            self.lock_teams()
            changed = Developer.objects.filter(pk=self.pk, is_active=True).update(
                is_active=False, updated_at=timezone.now()
            )
            if changed:
                Session.objects.of(self).close(Session.Reason.DEVELOPER_DISABLED)
                self.invitations.open().update(revoked_at=timezone.now())
                audit.record(by, audit.Action.DEVELOPER_DISABLED, self)
                for team in Team.objects.of(self).without_active_member():
                    team.suspend(by=by, reason=SuspendedReason.NO_ACTIVE_MEMBER)
        self.refresh_from_db()
        return bool(changed)

    def enable(self, *, by, closed=False) -> bool:
        """Let the developer sign in again, also one who had closed the account; lifts only what `disable` suspended.

        Args:
            closed: only one that was closed (`accounts.closing`); an emptied account is never enabled.
        """
        with transaction.atomic():
            self.lock_teams()
            mine = Developer.objects.filter(pk=self.pk, is_active=False, erased_at=None)
            if closed:
                mine = mine.filter(closing_at__isnull=False)
            changed = mine.update(is_active=True, closing_at=None, updated_at=timezone.now())
            if changed:
                audit.record(by, audit.Action.DEVELOPER_ENABLED, self)
                for team in Team.objects.of(self):
                    team.resume(by=by, reason=SuspendedReason.NO_ACTIVE_MEMBER)
        self.refresh_from_db()
        return bool(changed)
