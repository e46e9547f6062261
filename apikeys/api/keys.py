"""The REST surface of keys: a developer's session manages them, a key may look at itself."""

from django.conf import settings
from django.db import transaction
from django.shortcuts import get_object_or_404

from accounts.permissions import DeveloperOnly, require_recent_sign_in
from accounts.teams import require_managing
from apikeys.models import ApiKey
from apikeys.permissions import KeyOnly
from apikeys.serializers import (
    KeyChange,
    KeyCreate,
    KeyQuery,
    KeySerializer,
    NewKeySerializer,
    Rotation,
    SelfSerializer,
)
from apikeys.widening import widens
from protocol.answer import Answer
from protocol.endpoint import Call, Endpoint
from protocol.pages import list_response


def _made(request, key: ApiKey, text: str) -> Answer:
    """201: the one answer that holds the whole key."""
    path = request.path.rpartition("/rotate")[0].rpartition("/")[0] or request.path
    data = {**KeySerializer(key).data, "key": text}
    return Answer(data, status=201, headers={"Location": f"{settings.SITE_URL}{path}/{key.pk}"})


class KeyEndpoint(Endpoint):
    """For developers alone: a key may not manage keys."""

    permission_classes = (DeveloperOnly,)

    def key(self, request, key_id, *, managing: bool = True, locked: bool = False) -> ApiKey:
        """A key of the caller's teams: 404 for any other, then 403 for a viewer who would change it."""
        keys = ApiKey.objects.of(request.user).select_related("team", "successor")
        key = get_object_or_404(keys.locked() if locked else keys, pk=key_id)
        if managing:
            require_managing(request.user, key.team_id)
        return key


class KeyListView(KeyEndpoint):
    """GET, POST /api-keys"""

    calls = {
        "GET": Call("list_api_keys", query=KeyQuery, answers={200: KeySerializer(many=True)}),
        "POST": Call(
            "create_api_key",
            body=KeyCreate,
            answers={201: NewKeySerializer},
            refusals=("recent_sign_in_required", "forbidden_role", "too_many_keys"),
        ),
    }

    def get(self, request):
        """The keys of the caller's teams, newest first; without a status, all that are not revoked."""
        keys = ApiKey.objects.of(request.user).select_related("successor").with_last_use()
        status = self.query.get("status")
        if status is None:
            keys = keys.filter(revoked_at=None)
        elif status != "all":
            keys = keys.with_status(status)
        if "environment" in self.query:
            keys = keys.filter(environment=self.query["environment"])
        if "team" in self.query:
            keys = keys.filter(team=self.query["team"])
        return list_response(self, keys, KeySerializer)

    def post(self, request):
        """Make a key; its whole text is in this answer and nowhere else."""
        require_recent_sign_in(request.auth)
        require_managing(request.user, self.body["team"].pk)
        key, text = ApiKey.objects.issue(by=request.user, session=request.auth, **self.body)
        return _made(request, key, text)


class KeyView(KeyEndpoint):
    """GET, PATCH, DELETE /api-keys/{id}"""

    calls = {
        "GET": Call("get_api_key", answers={200: KeySerializer}),
        "PATCH": Call(
            "update_api_key",
            body=KeyChange,
            answers={200: KeySerializer},
            refusals=("recent_sign_in_required", "forbidden_role", "key_not_active", "already_rotated"),
        ),
        "DELETE": Call("revoke_api_key", answers={200: KeySerializer}, refusals=("forbidden_role",)),
    }

    def get(self, request, key_id):
        """One key."""
        return Answer(KeySerializer(self.key(request, key_id, managing=False)).data)

    def patch(self, request, key_id):
        """Change a key; it bites on the very next request."""
        with transaction.atomic():
            # Locked, for what is widening depends on what the key may do at this moment.
            key = self.key(request, key_id, locked=True)
            if widens(key, self.body):
                require_recent_sign_in(request.auth)
            key.change(by=request.user, **self.body)
        return Answer(KeySerializer(key).data)

    def delete(self, request, key_id):
        """Revoke a key for good; a second time the same answer."""
        key = self.key(request, key_id)
        key.revoke(by=request.user)
        return Answer(KeySerializer(key).data)


class RotateView(KeyEndpoint):
    """POST /api-keys/{id}/rotate"""

    calls = {
        "POST": Call(
            "rotate_api_key",
            body=Rotation,
            answers={201: NewKeySerializer},
            refusals=("recent_sign_in_required", "forbidden_role", "key_not_active", "already_rotated"),
        ),
    }

    def post(self, request, key_id):
        """Make the successor; the old key stays good for the overlap."""
        key = self.key(request, key_id)
        require_recent_sign_in(request.auth)
        successor, text = key.rotate(
            by=request.user,
            session=request.auth,
            overlap=self.body["overlap_seconds"],
            compromised=self.body["compromised"],
        )
        return _made(request, successor, text)


class SelfView(Endpoint):
    """GET /api-keys/self"""

    permission_classes = (KeyOnly,)
    calls = {"GET": Call("get_own_api_key", answers={200: SelfSerializer})}

    def get(self, request):
        """The calling key, and what is left of its limit."""
        key = ApiKey.objects.select_related("successor").get(pk=request.auth.pk)
        left = request._request.limit_left
        limit = (
            {"remaining": left.remaining, "resets_in": left.wait} if left else {"remaining": None, "resets_in": None}
        )
        return Answer({**KeySerializer(key).data, **limit})
