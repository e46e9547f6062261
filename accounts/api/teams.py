"""Teams, and who is asked into them. Members are `apikeys.api.members`: ending one is about keys too."""

from django.conf import settings
from django.db.models import F
from django.shortcuts import get_object_or_404

from accounts import invitations, members
from accounts.models import Invitation, Team
from accounts.models.invitation import digest_of
from accounts.models.team import LEADING
from accounts.permissions import DeveloperOnly
from accounts.serializers.teams import (
    Acceptance,
    InvitationFields,
    InvitationQuery,
    InvitationSerializer,
    MemberSerializer,
    TeamFields,
    TeamSerializer,
)
from protocol.answer import Answer
from protocol.endpoint import Call, Endpoint
from protocol.pages import PageQuery, list_response
from protocol.problems import Conflict, Fault, ValidationProblem


class TeamEndpoint(Endpoint):
    """For developers alone: keys belong to a team and manage none."""

    permission_classes = (DeveloperOnly,)

    def my_teams(self, request):
        """The caller's teams, each with the caller's `role`."""
        return Team.objects.of(request.user).annotate(role=F("memberships__role"))


class TeamListView(TeamEndpoint):
    """GET, POST /teams"""

    calls = {
        "GET": Call("list_teams", query=PageQuery, answers={200: TeamSerializer(many=True)}),
        "POST": Call("create_team", body=TeamFields, answers={201: TeamSerializer}, refusals=("already_exists",)),
    }

    def get(self, request):
        """The caller's teams, newest first; a suspended one says since when."""
        return list_response(self, self.my_teams(request), TeamSerializer)

    def post(self, request):
        """Make a team that the caller owns."""
        made = members.found_team(by=request.user, name=self.body["name"])
        team = self.my_teams(request).get(pk=made.pk)
        location = f"{settings.SITE_URL}{request.path}/{team.pk}"
        return Answer(TeamSerializer(team).data, status=201, headers={"Location": location})


class TeamView(TeamEndpoint):
    """GET, PATCH /teams/{id}"""

    calls = {
        "GET": Call("get_team", answers={200: TeamSerializer}),
        "PATCH": Call("update_team", body=TeamFields, answers={200: TeamSerializer}, refusals=("forbidden_role",)),
    }

    def get(self, request, team_id):
        """One of the caller's teams."""
        return Answer(TeamSerializer(get_object_or_404(self.my_teams(request), pk=team_id)).data)

    def patch(self, request, team_id):
        """Call it otherwise; for owners and admins."""
        team = get_object_or_404(self.my_teams(request), pk=team_id)
        members.require_leading(request.user, team.pk)
        if self.body:
            members.rename_team(team, by=request.user, name=self.body["name"])
        return Answer(TeamSerializer(self.my_teams(request).get(pk=team.pk)).data)


class InvitationEndpoint(TeamEndpoint):
    """For who leads the team: to others of the team the invitations are 403, to everybody else 404."""

    def invitation(self, request, invitation_id) -> Invitation:
        """An invitation into a team of the caller's, who leads it."""
        mine = Invitation.objects.filter(team__memberships__developer=request.user).select_related("team")
        found = get_object_or_404(mine, pk=invitation_id)
        members.require_leading(request.user, found.team_id)
        return found


class InvitationListView(InvitationEndpoint):
    """GET, POST /invitations"""

    calls = {
        "GET": Call("list_invitations", query=InvitationQuery, answers={200: InvitationSerializer(many=True)}),
        "POST": Call(
            "invite",
            body=InvitationFields,
            answers={201: InvitationSerializer},
            refusals=("forbidden_role", "already_exists"),
        ),
    }

    def get(self, request):
        """Who was asked into the teams that the caller leads, newest first."""
        mine = {"team__memberships__developer": request.user, "team__memberships__role__in": LEADING}
        rows = Invitation.objects.filter(**mine)
        if team := self.query.get("team"):
            members.require_leading(request.user, team.pk)
            rows = rows.filter(team=team)
        if self.query["status"] != "all":
            rows = rows.with_status(self.query["status"])
        return list_response(self, rows, InvitationSerializer)

    def post(self, request):
        """Ask somebody in; the link is only in the mail."""
        invitation = invitations.invite(by=request.user, **self.body)
        location = f"{settings.SITE_URL}{request.path}/{invitation.pk}"
        return Answer(InvitationSerializer(invitation).data, status=201, headers={"Location": location})


class InvitationView(InvitationEndpoint):
    """DELETE /invitations/{id}"""

    calls = {"DELETE": Call("revoke_invitation", answers={204: None}, refusals=("forbidden_role",))}

    def delete(self, request, invitation_id):
        """Take it back; again is the same."""
        invitations.revoke(self.invitation(request, invitation_id), by=request.user)
        return Answer(status=204)


class ResendView(InvitationEndpoint):
    """POST /invitations/{id}/resend"""

    calls = {
        "POST": Call(
            "resend_invitation", answers={200: InvitationSerializer}, refusals=("forbidden_role", "already_exists")
        )
    }

    def post(self, request, invitation_id):
        """Send a new link; the old one opens nothing any more."""
        invitation = self.invitation(request, invitation_id)
        if not invitations.resend(invitation, by=request.user):
            raise Conflict("Nobody waits for this invitation: it was accepted or revoked.")
        return Answer(InvitationSerializer(invitation).data)


class AcceptView(Endpoint):
    """POST /invitations/accept: needs no credential, for the token of the mail is one."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    calls = {"POST": Call("accept_invitation", body=Acceptance, answers={201: MemberSerializer})}

    def post(self, request):
        """Join; with a password and names where the address has no account yet."""
        try:
            developer, team = invitations.accept(digest_of(self.body.pop("token")), **self.body)
        except invitations.NotGood as error:
            said = "This invitation is not good, or not any more: ask for a new one."
            raise ValidationProblem([Fault(said, "invalid", pointer="#/token")]) from error
        except invitations.NeedsAccount as error:
            said = "This address has no account yet: choose a password for it."
            raise ValidationProblem([Fault(said, "required", pointer="#/password")]) from error
        developer.shared = list(developer.memberships.filter(team=team))
        location = f"{settings.SITE_URL}/api/v1/developers/{developer.pk}"
        return Answer(MemberSerializer(developer).data, status=201, headers={"Location": location})
