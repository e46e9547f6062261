"""The members of one's teams. Here, for ending a membership decides on the keys that the member saw."""

from django.shortcuts import get_object_or_404

from accounts import members
from accounts.models import Membership
from accounts.permissions import DeveloperOnly
from accounts.serializers.teams import MemberSerializer, RoleChange, TeamListQuery, TeamQuery
from apikeys import offboarding
from apikeys.serializers.members import Leaving
from protocol.answer import Answer
from protocol.endpoint import Call, Endpoint
from protocol.pages import list_response


class MemberEndpoint(Endpoint):
    """For developers alone."""

    permission_classes = (DeveloperOnly,)

    def membership(self, request, developer_id) -> Membership:
        """Somebody's membership in the team that the query names; 404 for who is not in it."""
        team = self.query["team"]
        found = Membership.objects.select_related("developer", "team")
        return get_object_or_404(found, team=team, developer=developer_id)


class MemberListView(MemberEndpoint):
    """GET /developers"""

    calls = {"GET": Call("list_members", query=TeamListQuery, answers={200: MemberSerializer(many=True)})}

    def get(self, request):
        """Who is in the caller's teams, newest account first."""
        rows = members.colleagues(request.user)
        if team := self.query.get("team"):
            rows = rows.filter(memberships__team=team)
        return list_response(self, rows, MemberSerializer)


class MemberView(MemberEndpoint):
    """GET, PATCH, DELETE /developers/{id}"""

    calls = {
        "GET": Call("get_member", answers={200: MemberSerializer}),
        "PATCH": Call(
            "change_role",
            query=TeamQuery,
            body=RoleChange,
            answers={200: MemberSerializer},
            refusals=("forbidden_role", "last_owner"),
        ),
        "DELETE": Call("remove_member", query=Leaving, answers={204: None}, refusals=("forbidden_role", "last_owner")),
    }

    def get(self, request, developer_id):
        """Somebody who shares a team with the caller."""
        return Answer(MemberSerializer(get_object_or_404(members.colleagues(request.user), pk=developer_id)).data)

    def patch(self, request, developer_id):
        """Give a member of the team another role, at most one's own."""
        membership = self.membership(request, developer_id)
        members.require_leading(request.user, membership.team_id)
        if self.body:
            members.change_role(membership, by=request.user, role=self.body["role"])
        return self.get(request, developer_id)

    def delete(self, request, developer_id):
        """End a membership, never the account; `keys` says what becomes of the keys that the member saw."""
        membership = self.membership(request, developer_id)
        asked = self.query
        offboarding.remove(membership, by=request.user, fate=asked["keys"], overlap=asked["overlap_seconds"])
        return Answer(status=204)
