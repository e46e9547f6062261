"""The base of every API view: one declaration per method says what a call takes, needs and answers.

    class KeyList(Endpoint):
        calls = {"GET": Call("list_api_keys", query=KeyQuery, answers={200: KeySerializer(many=True)})}

The order of checks is the contract's: credential (401), limit (429), method (405), permission (403), then the query
and the body (422), all faults of both at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from rest_framework import exceptions, serializers
from rest_framework.views import APIView

from protocol.parsing import StrictFormParser, StrictJSONParser, read_query, refuse_large
from protocol.problems import Fault, MethodNotAllowed, UnsupportedMediaType, ValidationProblem
from protocol.serializers import Anything, Nothing, faults_of

READING = ("GET", "HEAD")


@dataclass(frozen=True)
class Call:
    """What one method of one endpoint takes and answers.

    Args:
        name: the OpenAPI operation id, stable for ever.
        query, body: serializer classes of what may be sent.
        answers: serializer (or None for no body) per success status.
        scope: the scope that an API key needs; '' where keys are not the matter.
        refusals: for the schema, the codes of the problems that this call answers beside those every call has and those
            that follow from its credential, permissions and path; a bare status means all codes of that status.
    """

    name: str
    query: type[serializers.Serializer] = Nothing
    body: type[serializers.Serializer] = Nothing
    answers: Mapping[int, object] = field(default_factory=dict)
    scope: str = ""
    refusals: tuple[int | str, ...] = ()


@cache
def _made(kinds) -> tuple:
    return tuple(kind() for kind in kinds)


class Endpoint(APIView):
    """A DRF view that checks everything a call declares before the handler runs.

    Handlers find the validated query in `self.query` and the validated body in `self.body`.
    """

    calls: Mapping[str, Call] = {}
    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    query: dict
    body: dict
    allow = ""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.allow = ", ".join([*cls.calls, *(["HEAD"] if "GET" in cls.calls else [])])

    # DRF makes all of these anew for each request; none of them keeps anything.
    def get_parsers(self):
        """The parsers."""
        return _made(tuple(self.parser_classes))

    def get_renderers(self):
        """The one renderer."""
        return _made(tuple(self.renderer_classes))

    def get_authenticators(self):
        """Who may prove a credential, in their order."""
        return _made(tuple(self.authentication_classes))

    def get_permissions(self):
        """What is asked of the caller."""
        return _made(tuple(self.permission_classes))

    def get_throttles(self):
        """The limits."""
        return _made(tuple(self.throttle_classes))

    def get_content_negotiator(self):
        """Which parser reads a body."""
        return _made((self.content_negotiation_class,))[0]

    def initial(self, request, *args, **kwargs):
        """Run the checks in the contract's order."""
        self.format_kwarg = None
        request.accepted_renderer = self.get_renderers()[0]  # DRF asks for it; `protocol.answer` never does
        self.perform_authentication(request)
        self.check_throttles(request)
        if self.call(request) is None:
            raise MethodNotAllowed(request.method, self.allowed_methods)
        self.check_permissions(request)
        self.validate(request)

    def method_of(self, request) -> str:
        """The method, with HEAD as GET."""
        return "GET" if request.method == "HEAD" else request.method

    def call(self, request) -> Call | None:
        """The declaration of the method at hand; HEAD is GET's."""
        return self.calls.get(self.method_of(request))

    @property
    def allowed_methods(self) -> list[str]:
        """For `Allow`: what is declared, and HEAD beside GET."""
        return self.allow.split(", ")

    def validate(self, request) -> None:
        """Fill `self.query` and `self.body`, or raise one 422 with the faults of both."""
        call = self.calls[self.method_of(request)]
        context = {"request": request, "view": self}
        self.query, faults = self.checked(call.query, lambda: read_query(request._request.META), True, context=context)
        self.body = {}
        if request.method not in READING:
            partial = request.method == "PATCH"
            self.body, more = self.checked(
                call.body, lambda: self.read_body(request), False, context=context, partial=partial
            )
            faults += more
        if faults:
            raise ValidationProblem(faults)

    def checked(self, kind, read, in_query: bool, **options) -> tuple[dict, list[Fault]]:
        """(what `read()` gives, validated by the serializer `kind`; its faults): one of the two is empty."""
        try:
            data = read()
            if not data and kind in (Nothing, Anything):
                return {}, []
            serializer = kind(data=data, **options)
            if serializer.is_valid():
                return serializer.validated_data, []
        except ValidationProblem as problem:
            return {}, problem.faults
        return {}, faults_of(serializer.errors, in_query=in_query)

    def read_body(self, request) -> dict:
        """The parsed body; an empty one is an empty object whatever its content type says."""
        refuse_large(request.META)
        try:
            return dict(request.data)
        except exceptions.UnsupportedMediaType as error:
            types = " or ".join(parser.media_type for parser in self.get_parsers())
            raise UnsupportedMediaType(f"Send the body as {types}.") from error

    def finalize_response(self, request, response, *args, **kwargs):
        """Let what the authentication step learned (limits, say) put its headers on every answer."""
        response.headers.setdefault("Allow", self.allow)
        response.headers.setdefault("Cache-Control", "no-store")
        for name, value in getattr(request._request, "answer_headers", {}).items():
            response.headers[name] = value
        return response


class OAuthEndpoint(Endpoint):
    """An OAuth 2 endpoint: takes forms too, needs no credential, speaks RFC 6749 §5.2 when it refuses."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    parser_classes = (StrictFormParser, StrictJSONParser)

    ERRORS = {"invalid_credentials": "invalid_grant", "refresh_rejected": "invalid_grant"}
    ERRORS |= {"otp_required": "invalid_grant"}

    @classmethod
    def shape_problem(cls, body: dict) -> dict:
        """Add `error` and `error_description` to a 4xx: OAuth libraries need them to notice a refusal."""
        if body["status"] >= 500:
            return body
        error = cls.ERRORS.get(body["code"], "invalid_request")
        if any(fault["code"] == "unsupported_grant_type" for fault in body.get("errors", ())):
            error = "unsupported_grant_type"
        return {**body, "error": error, "error_description": body["detail"]}
