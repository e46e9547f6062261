"""The OpenAPI schema, read off each endpoint's `calls`: what is declared is what is checked, so it can't drift."""

import json

from django.conf import settings
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import is_list_serializer
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from protocol.endpoint import OAuthEndpoint
from protocol.problems import MEDIA_TYPE, TITLES
from protocol.problems.catalogue import CATALOGUE, ErrorCode
from protocol.serializers import Anything, Nothing

CREDENTIALS: list[dict] = [{"accessToken": []}, {"apiKey": []}]
# What a call answers when something is wrong, beside what its permissions and its own `refusals` say.
ALWAYS = (
    "bad_request",
    "https_required",
    "validation_error",
    "too_many_attempts",
    "server_error",
    "service_unavailable",
)
WITH_BODY = ("payload_too_large", "unsupported_media_type")
WITH_CREDENTIAL = ("not_authenticated", "invalid_token", "invalid_api_key", "ambiguous_credentials", "rate_limited")
BY_RULE = (401, 403)  # statuses whose codes follow from what a call declares, so that the bare status adds none


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
        if not self.view.authentication_classes:
            return [{}]
        for kind in self.view.permission_classes:
            if takes := getattr(kind, "takes", ()):
                return [{name: []} for name in takes]
        return CREDENTIALS if self.declared.scope else [{"accessToken": []}]

    def get_codes(self) -> list[str]:
        """Every code that the call can answer with: by its credential, its permissions, its path and its `refusals`."""
        found = {*ALWAYS, *(WITH_BODY if self.method in ("POST", "PATCH", "DELETE") else ())}
        if self.view.authentication_classes:
            found |= {*WITH_CREDENTIAL}
            for kind in self.view.permission_classes:
                found |= {*getattr(kind, "refuses", ())}
            found.add("insufficient_scope" if self.declared.scope else "")
            if {"apiKey": []} not in self.get_auth():
                found.add("developer_session_required")
        if "{" in self.path:
            found.add("not_found")
        for said in self.declared.refusals:
            if isinstance(said, str):
                found.add(said)
            elif said not in BY_RULE and not any(CATALOGUE[code].status == said for code in found if code):
                said_too = {code for code in self.declared.refusals if isinstance(code, str)}
                found |= {error.code for error in CATALOGUE.values() if error.status == said} - said_too
        return [code for code in CATALOGUE if code in found]

    def get_request_serializer(self):
        """The body, where one is taken."""
        body = self.declared.body
        return None if body is Nothing else body

    def map_parsers(self):
        """JSON first: generated clients that send both kinds at once then send what they say they do."""
        return sorted(super().map_parsers())

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
        for status in sorted({CATALOGUE[code].status for code in self.get_codes()}):
            found[(status, MEDIA_TYPE)] = OpenApiResponse(ProblemBody, description=TITLES[status])
        return found

    def get_operation(self, *args, **kwargs):
        """The operation, with an example of every refusal it can answer."""
        operation = super().get_operation(*args, **kwargs)
        if not operation:
            return operation
        oauth = isinstance(self.view, OAuthEndpoint)
        if oauth:
            operation["requestBody"]["required"] = True  # if only `{}`, when the token comes as the cookie
        for parameter in operation.get("parameters", ()) if self.declared.scope else ():
            if parameter["name"] in getattr(self.declared.query, "sessions_only", ()):
                left_out = parameter["schema"].pop("default", None)
                said = f" Left out, it is {left_out}." if left_out else ""
                parameter["description"] = f"With an access token only: a key has its own.{said}"
        for code in self.get_codes():
            content = operation["responses"][str(CATALOGUE[code].status)]["content"][MEDIA_TYPE]
            name = f"oauth_{code}" if oauth and CATALOGUE[code].status < 500 else code
            content.setdefault("examples", {})[code] = {"$ref": f"#/components/examples/{name}"}
        return operation


def _describe(status: int) -> str:
    return {
        200: "Done.",
        201: "Made; `Location` says where it is.",
        202: "Taken; the answer does not say what came of it.",
        204: "Done; there is nothing to say.",
    }[status]


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


def example_of(error: ErrorCode) -> dict:
    """A problem as it is answered, with made-up words for people."""
    body = {
        "type": f"{settings.SITE_URL}/docs/errors#{error.code}",
        "title": TITLES[error.status],
        "status": error.status,
        "detail": error.meaning,
        "code": error.code,
        "request_id": "0192f1aa-3c1b-7c55-9f0e-1f4b7f7a2d10",
    }
    if error.code == "validation_error":
        body["detail"] = "nmae: This field is not known here."
        fault = {"pointer": "#/nmae", "code": "unknown_field", "detail": "This field is not known here."}
        body["errors"] = [fault]
    if error.code == "already_rotated":
        body["successor"] = "0192f1aa-0000-7000-8000-000000000000"
    return body


def add_problem(result, generator, request, public):
    """Name the two kinds of credential, and give every code its example; after the hook of enums, which begins anew."""
    components = result.setdefault("components", {})
    components.setdefault("securitySchemes", {}).update(
        accessToken={
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "For people: the access_token of POST /auth/login.",
        },
        apiKey={
            "type": "apiKey",
            "in": "header",
            "name": "X-Open-Wearables-API-Key",
            "description": "For programs: ow_live_… or ow_test_….",
        },
    )
    examples = components.setdefault("examples", {})
    for error in CATALOGUE.values():
        body = example_of(error)
        examples[error.code] = {"summary": error.meaning, "value": body}
        if error.status < 500:
            shaped = OAuthEndpoint.shape_problem(body)
            examples[f"oauth_{error.code}"] = {"summary": error.meaning, "value": shaped}
    used = json.dumps(result["paths"])
    for name in [name for name in examples if f'examples/{name}"' not in used]:
        del examples[name]
    return result
