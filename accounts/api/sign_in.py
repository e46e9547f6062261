"""Signing in, refreshing, revoking: the three OAuth 2 endpoints."""

from django.contrib.auth import authenticate
from rest_framework.response import Response

from accounts import cookies, tokens
from accounts.serializers import Login, Refresh, Revoke, Tokens
from protocol.endpoint import Call, OAuthEndpoint
from protocol.problems import Fault, Unauthorized, ValidationProblem
from protocol.serializers import Anything


def _answer(pair: tokens.Pair, *, by_cookie: bool) -> Response:
    """Tokens in the shape of RFC 6749 §5.1; what came by cookie goes back by cookie only."""
    shown = {"access_token": pair.access, "token_type": "bearer"}
    if not by_cookie:
        shown["refresh_token"] = pair.refresh
    response = Response({**shown, "expires_in": pair.expires_in}, headers={"Pragma": "no-cache"})
    if by_cookie:
        cookies.give(response, pair)
    return response


class LoginView(OAuthEndpoint):
    """POST /auth/login"""

    calls = {"POST": Call("login", query=Anything, body=Login, answers={200: Tokens}, refusals=(401, 403))}

    def post(self, request):
        """Sign in by e-mail and password."""
        by_cookie = self.body["delivery"] == "cookie"
        if by_cookie:
            cookies.check_origin(request._request)
        developer = authenticate(
            request._request,
            email=self.body.get("email") or self.body["username"],
            password=self.body["password"],
        )
        if developer is None:
            raise Unauthorized("Incorrect email or password", code="invalid_credentials")
        session = tokens.open_session(developer, request._request)
        return _answer(tokens.pair_for(session), by_cookie=by_cookie)


class CookieOrBody(OAuthEndpoint):
    """An endpoint whose token comes in the body or as the cookie, never both."""

    def token_of(self, request, *names: str) -> tuple[str, bool]:
        """(token, whether it came as the cookie). Raises ValidationProblem for none and for both."""
        given = [self.body[name] for name in names if self.body.get(name)]
        cookie = cookies.read(request._request)
        pointer = f"#/{names[-1]}"
        if given and cookie:
            fault = Fault("Send the token in the body or as the cookie, not both.", "invalid", pointer=pointer)
            raise ValidationProblem([fault])
        if len(set(given)) > 1:
            raise ValidationProblem([Fault("Send one token, not two.", "invalid", pointer=pointer)])
        if cookie:
            cookies.check_origin(request._request)
            return cookie, True
        if not given:
            raise ValidationProblem([Fault("This field is required.", "required", pointer=pointer)])
        return given[0], False


class RefreshView(CookieOrBody):
    """POST /token/refresh"""

    calls = {"POST": Call("refresh_token", query=Anything, body=Refresh, answers={200: Tokens}, refusals=(401, 403))}

    def post(self, request):
        """Exchange a refresh token for the next pair."""
        token, by_cookie = self.token_of(request, "refresh_token")
        try:
            return _answer(tokens.refresh(token, request._request), by_cookie=by_cookie)
        except tokens.RefreshRejected as error:
            raise Unauthorized(
                "This refresh token is not good any more: sign in again.", code="refresh_rejected"
            ) from error

    def finalize_response(self, request, response, *args, **kwargs):
        """A refused cookie is of no more use: take it away."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code == 401 and cookies.read(request._request):
            cookies.clear(response)
        return response


class RevokeView(CookieOrBody):
    """POST /token/revoke (RFC 7009)"""

    calls = {"POST": Call("revoke_token", query=Anything, body=Revoke, answers={204: None}, refusals=(403,))}

    def post(self, request):
        """End the session of a token; 204 whatever it was."""
        token, by_cookie = self.token_of(request, "refresh_token", "token")
        tokens.close_by_refresh(token)
        response = Response(status=204)
        if by_cookie:
            cookies.clear(response)
        return response
