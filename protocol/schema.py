"""The OpenAPI schema, read off each endpoint's `calls`: what is declared is what is checked, so it can't drift."""

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import is_list_serializer
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from protocol.problems import MEDIA_TYPE, TITLES
from protocol.serializers import Anything, Nothing

ALWAYS = (422, 429, 500, 503)
CREDENTIALS: list[dict] = [{"accessToken": []}, {"apiKey": []}]


class CallSchema(AutoSchema):
    """drf-spectacular's, asked through `Endpoint.calls`."""

    @property
    def declared(self):
        """The Call of the method at hand."""
        return self.view.calls[self.method]  # type: ignore[attr-defined]

    def get_operation_id(self):
        """The call's own name, stable for ever; a second path to the same view says so."""
        name = self.declared.name
        return f"{name}_developer" if "/developer/" in self.path else name

    def get_tags(self):
        """The first word behind the prefix."""
        words = self.path.removeprefix("/api/v1/").split("/")
        return [words[1] if words[0] == "developer" else words[0]]

    def get_auth(self):
        """No credential, one of the two, or either."""
        from_permissions = {str(getattr(kind, "__name__", "")) for kind in self.view.permission_classes}
        if not self.view.authentication_classes:
            return [{}]
        if "KeyOnly" in from_permissions:
            return [{"apiKey": []}]
        return CREDENTIALS if self.declared.scope else [{"accessToken": []}]

    def get_request_serializer(self):
        """The body, where one is taken."""
        body = self.declared.body
        return None if body is Nothing else body

    def get_override_parameters(self):
        """The query, as its serializer's fields."""
        query = self.declared.query
        return [] if query in (Nothing, Anything) else [query]

    def get_filter_backends(self):
        """None: queries are declared."""
        return []

    def _is_list_view(self, serializer=None):
        """Answers say themselves whether they are lists."""
        return is_list_serializer(serializer)

    def get_response_serializers(self):
        """Every declared answer, and problem details for every refusal."""
        found: dict = {}
        for status, answer in self.declared.answers.items():
            found[status] = OpenApiResponse(answer, description=_describe(status))
        credential = () if not self.view.authentication_classes else (401, 403)
        body = (413, 415) if self.method in ("POST", "PATCH", "DELETE") else ()
        for status in sorted({*credential, *body, *ALWAYS, *self.declared.refusals}):
            found[(status, MEDIA_TYPE)] = OpenApiResponse(ProblemBody, description=TITLES[status])
        return found


def _describe(status: int) -> str:
    return {200: "Done.", 201: "Made; `Location` says where it is.", 204: "Done; there is nothing to say."}[status]


class FaultBody(serializers.Serializer):
    """One fault of a 422."""

    pointer = serializers.CharField(required=False, help_text="RFC 6901, in the body.")
    parameter = serializers.CharField(required=False, help_text="In the query.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemBody(serializers.Serializer):
    """RFC 9457 problem details."""

    type = serializers.CharField(help_text="An absolute URL that explains the code.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="One sentence for people; may change.")
    code = serializers.CharField(help_text="For programs; never changes.")
    request_id = serializers.CharField()
    errors = FaultBody(many=True, required=False)  # type: ignore[assignment]
    successor = serializers.UUIDField(required=False, help_text="With `already_rotated`.")
    error = serializers.CharField(required=False, help_text="RFC 6749 §5.2, on the OAuth 2 endpoints.")
    error_description = serializers.CharField(required=False)


def add_problem(result, generator, request, public):
    """Name the two kinds of credential."""
    schemes = result.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes["accessToken"] = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    schemes["apiKey"] = {"type": "apiKey", "in": "header", "name": "X-Open-Wearables-API-Key"}
    return result
