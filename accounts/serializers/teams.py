"""What the endpoints of teams, members and invitations take and show."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import invitations
from accounts.models import Developer, Invitation, Role, Team
from accounts.models.invitation import digest_of
from accounts.serializers.account import LONGEST_NAME
from accounts.serializers.passwords import MAX_PASSWORD, newcomer, require_good
from accounts.teams import TeamField
from protocol.pages import PageQuery
from protocol.serializers import ChoiceField, SecretField, StrictSerializer, TextField

TEAM_NAME = 100  # characters


class TeamFields(StrictSerializer):
    """What a team is called."""

    name = TextField(max_length=TEAM_NAME)


class TeamSerializer(serializers.ModelSerializer):
    """A team of the caller's, with the caller's role in it."""

    role = serializers.CharField(help_text="The caller's role: owner, admin, developer or viewer.")

    class Meta:
        model = Team
        fields = ("id", "name", "role", "created_at", "suspended_at")


class TeamListQuery(PageQuery):
    """A page, of one team or of all of the caller's."""

    team = TeamField(home=False)


class TeamQuery(StrictSerializer):
    """Which team is meant; left out, the home team."""

    team = TeamField()


class SharedTeam(serializers.Serializer):
    """A team that the caller is in too."""

    id = serializers.UUIDField()
    role = serializers.CharField()


class MemberSerializer(serializers.ModelSerializer):
    """Somebody the caller shares a team with; only the shared teams are shown. `shared` is prefetched."""

    teams = serializers.SerializerMethodField()

    class Meta:
        model = Developer
        fields = ("id", "email", "first_name", "last_name", "teams")

    @extend_schema_field(SharedTeam(many=True))
    def get_teams(self, developer) -> list[dict]:
        """The shared teams and the roles in them."""
        return [{"id": str(shared.team_id), "role": shared.role} for shared in developer.shared]


class RoleChange(StrictSerializer):
    """Another role, and nothing else."""

    role = ChoiceField(Role.choices)


class InvitationFields(StrictSerializer):
    """Who is asked, into which team, as what."""

    email = TextField(max_length=254)
    role = ChoiceField(Role.choices, default=Role.DEVELOPER)
    team = TeamField()

    def validate_email(self, value):
        """An address."""
        serializers.EmailField().run_validation(value)
        return value


class InvitationSerializer(serializers.ModelSerializer):
    """An invitation; its token is only in the mail."""

    status = serializers.ChoiceField(Invitation.STATUSES)

    class Meta:
        model = Invitation
        fields = ("id", "email", "team", "role", "status", "expires_at", "created_at", "invited_by")


class InvitationQuery(TeamListQuery):
    """A page, in one status or all."""

    status = ChoiceField([*Invitation.STATUSES, "all"], default="all")


class Acceptance(StrictSerializer):
    """The token of the mail; for a new account also a password and names."""

    token = SecretField(max_length=200)
    password = SecretField(max_length=MAX_PASSWORD, required=False)
    first_name = TextField(required=False, allow_blank=True, max_length=LONGEST_NAME)
    last_name = TextField(required=False, allow_blank=True, max_length=LONGEST_NAME)

    def validate_password(self, value):
        """The rules of every password; it may not be made of the address that is asked in, or of the name sent."""
        token = self.initial_data.get("token")
        found = invitations.find(digest_of(token)) if isinstance(token, str) else None
        return require_good(value, newcomer(self.initial_data, email=found.email if found else ""))
