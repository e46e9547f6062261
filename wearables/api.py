"""The REST surface of end users: for a key with the scope, or a developer's session."""

from django.conf import settings
from django.db.models import F
from django.shortcuts import get_object_or_404
from rest_framework.response import Response

from accounts.models import Developer
from accounts.teams import require_managing, team_for
from apikeys.permissions import KeyOrDeveloper
from apikeys.scopes import Scope
from protocol.endpoint import Call, Endpoint
from protocol.problems import Fault, ValidationProblem
from wearables.models import EndUser
from wearables.serializers import EndUserFields, EndUserPage, EndUserQuery, EndUserSerializer, WhereQuery


class EndUserEndpoint(Endpoint):
    """Sees one team's people in one environment, nothing else."""

    permission_classes = (KeyOrDeveloper,)

    def where(self, request, *, managing: bool = False) -> tuple:
        """(team id, environment): the key's own, or what a session says in the query."""
        if not isinstance(request.user, Developer):
            named = [name for name in ("team", "environment") if name in self.query]
            if named:
                detail = "A key sees its own team and environment: leave this out."
                raise ValidationProblem([Fault(detail, "invalid", parameter=name) for name in named])
            return request.auth.team_id, request.auth.environment
        team = team_for(request.user, self.query.get("team"), parameter="team")
        if managing:
            require_managing(request.user, team.pk)
        return team.pk, self.query.get("environment", "live")


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
            refusals=(409,),
        ),
    }

    def get(self, request):
        """A page of people; those never synced come last in either order."""
        users = EndUser.objects.in_(*self.where(request))
        asked = self.query
        if asked.get("search"):
            users = users.matching(asked["search"])
        if asked.get("email"):
            users = users.filter(email__iexact=asked["email"])
        if asked.get("external_user_id"):
            users = users.filter(external_user_id=asked["external_user_id"])
        page, limit = asked["page"], asked["limit"]
        total = users.count()
        start = (page - 1) * limit
        items = self.ordered(users)[start : start + limit]
        return Response(
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
        if self.query["sort_order"] == "asc":
            return users.order_by(F(by).asc(nulls_last=True), "pk")
        return users.order_by(F(by).desc(nulls_last=True), "-pk")

    def post(self, request):
        """Create a person."""
        team_id, environment = self.where(request, managing=True)
        user = EndUser.objects.register(team_id=team_id, environment=environment, by=request.user, **self.body)
        location = f"{settings.SITE_URL}{request.path}/{user.pk}"
        return Response(EndUserSerializer(user).data, status=201, headers={"Location": location})


class EndUserView(EndUserEndpoint):
    """GET, PATCH, DELETE /users/{id}"""

    calls = {
        "GET": Call(
            "get_user", query=WhereQuery, answers={200: EndUserSerializer}, scope=Scope.USERS_READ, refusals=(404,)
        ),
        "PATCH": Call(
            "update_user", query=WhereQuery, body=EndUserFields, answers={200: EndUserSerializer}, refusals=(404, 409)
        ),
        "DELETE": Call("delete_user", query=WhereQuery, answers={200: EndUserSerializer}, refusals=(404,)),
    }

    def user(self, request, user_id, *, managing: bool = False) -> EndUser:
        """One person; 404 outside the caller's team and environment."""
        team_id, environment = self.where(request)
        user = get_object_or_404(EndUser.objects.in_(team_id, environment), pk=user_id)
        if managing:
            require_managing(request.user, team_id)
        return user

    def get(self, request, user_id):
        """One person."""
        return Response(EndUserSerializer(self.user(request, user_id)).data)

    def patch(self, request, user_id):
        """Change what is said of a person."""
        user = self.user(request, user_id, managing=True)
        if self.body:
            user.change(by=request.user, **self.body)
        return Response(EndUserSerializer(user).data)

    def delete(self, request, user_id):
        """Delete a person and all that is held of them."""
        user = self.user(request, user_id, managing=True)
        shown = EndUserSerializer(user).data
        user.erase(by=request.user)
        return Response(shown)
