"""The REST surface of end users: for a key with the scope, or a developer's session."""

from urllib.parse import urlencode

from django.conf import settings
from django.db.models import F

from accounts.models import Developer
from accounts.teams import require_managing
from apikeys.permissions import KeyOrDeveloper
from apikeys.scopes import Scope
from protocol.answer import Answer
from protocol.downloads import json_file
from protocol.endpoint import Call, Endpoint
from wearables.export import everything_about
from wearables.models import EndUser, Headcount, find
from wearables.serializers import EndUserExport, EndUserFields, EndUserPage, EndUserQuery, EndUserSerializer, WhereQuery


class EndUserEndpoint(Endpoint):
    """Sees one team's people in one environment, nothing else."""

    permission_classes = (KeyOrDeveloper,)

    def where(self, request, *, managing: bool = False) -> tuple:
        """(team id, environment): the key's own, or what a session says in the query."""
        if not isinstance(request.user, Developer):
            return request.auth.team_id, request.auth.environment
        team = self.query["team"]
        if managing:
            require_managing(request.user, team.pk)
        return team.pk, self.query["environment"]


class EndUserListView(EndUserEndpoint):
    """GET, POST /users"""

    calls = {
        "GET": Call("list_users", query=EndUserQuery, answers={200: EndUserPage}, scope=Scope.USERS_READ),
        "POST": Call(
            "create_user",
            query=WhereQuery,
            body=EndUserFields,
            answers={201: EndUserSerializer},
            scope=Scope.USERS_WRITE,
            refusals=("forbidden_role", "already_exists"),
        ),
    }

    def get(self, request):
        """A page of people; those never synced come last in either order."""
        where, asked = self.where(request), self.query
        users = EndUser.objects.in_(*where)
        if asked.get("search"):
            users = users.matching(asked["search"])
        if asked.get("email"):
            users = users.addressed(asked["email"])
        if asked.get("external_user_id"):
            users = users.filter(external_user_id=asked["external_user_id"])
        page, limit = asked["page"], asked["limit"]
        filtered = any(asked.get(name) for name in ("search", "email", "external_user_id"))
        total = users.count() if filtered else Headcount.of(*where)
        start = (page - 1) * limit
        items = self.ordered(users)[start : start + limit]
        return Answer(
            {
                "items": EndUserSerializer(items, many=True).data,
                "total": total,
                "page": page,
                "limit": limit,
                "pages": -(-total // limit),
                "has_next": start + limit < total,
                "has_prev": page > 1,
            }
        )

    def ordered(self, users):
        """The order asked for, made total by the id; nobody has synced yet, so that order is by creation."""
        by = "created_at" if self.query["sort_by"] == "last_synced_at" else self.query["sort_by"]
        ascending = self.query["sort_order"] == "asc"
        if by == "created_at":  # never null, and said so by leaving "nulls last" out: the index is in this order
            return users.order_by("created_at", "pk") if ascending else users.order_by("-created_at", "-pk")
        if ascending:
            return users.order_by(F(by).asc(nulls_last=True), "pk")
        return users.order_by(F(by).desc(nulls_last=True), "-pk")

    def post(self, request):
        """Create a person."""
        team_id, environment = self.where(request, managing=True)
        user = EndUser.objects.register(team_id=team_id, environment=environment, by=request.user, **self.body)
        # With the query, for only so does the same caller find the person there.
        query = f"?{urlencode(request.query_params)}" if request.query_params else ""
        location = f"{settings.SITE_URL}{request.path}/{user.pk}{query}"
        return Answer(EndUserSerializer(user).data, status=201, headers={"Location": location})


class EndUserView(EndUserEndpoint):
    """GET, PATCH, DELETE /users/{id}"""

    calls = {
        "GET": Call(
            "get_user", query=WhereQuery, answers={200: EndUserSerializer}, scope=Scope.USERS_READ, refusals=(404,)
        ),
        "PATCH": Call(
            "update_user",
            query=WhereQuery,
            body=EndUserFields,
            answers={200: EndUserSerializer},
            refusals=("forbidden_role", "already_exists"),
        ),
        "DELETE": Call("delete_user", query=WhereQuery, answers={200: EndUserSerializer}, refusals=("forbidden_role",)),
    }

    def user(self, request, user_id, *, managing: bool = False) -> EndUser:
        """One person; 404 outside the caller's team and environment."""
        team_id, environment = self.where(request)
        user = find(user_id, team_id, environment)
        if managing:
            require_managing(request.user, team_id)
        return user

    def get(self, request, user_id):
        """One person."""
        return Answer(EndUserSerializer(self.user(request, user_id)).data)

    def patch(self, request, user_id):
        """Change what is said of a person."""
        user = self.user(request, user_id, managing=True)
        if self.body:
            user.change(by=request.user, **self.body)
        return Answer(EndUserSerializer(user).data)

    def delete(self, request, user_id):
        """Delete a person and all that is held of them."""
        user = self.user(request, user_id, managing=True)
        shown = EndUserSerializer(user).data
        user.erase(by=request.user)
        return Answer(shown)


class EndUserExportView(EndUserEndpoint):
    """GET /users/{id}/export"""

    calls = {
        "GET": Call("export_user", query=WhereQuery, answers={200: EndUserExport}, refusals=(404,)),
    }

    def get(self, request, user_id):
        """All that is held about a person, as a file to hand to them."""
        user = find(user_id, *self.where(request))
        return json_file(f"person-{user.pk}", everything_about(user))
