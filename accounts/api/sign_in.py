"""Signing in, refreshing, revoking: the three OAuth 2 endpoints."""

from django.contrib.auth import authenticate

from accounts import attempts, cookies, tokens
from accounts.serializers import Login, Refresh, Revoke, Tokens
from protocol.answer import Answer
from protocol.endpoint import Call, OAuthEndpoint
from protocol.problems import Unauthorized
from protocol.serializers import Anything

LOGIN = ("invalid_credentials", "otp_required", "email_not_verified", "origin_not_allowed")


def _answer(pair: tokens.Pair, *, by_cookie: bool) -> Answer:
    """Tokens in the shape of RFC 6749 §5.1; what came by cookie goes back by cookie only."""
    shown = {"access_token": pair.access, "token_type": "bearer"}
    if not by_cookie:
        shown["refresh_token"] = pair.refresh
    response = Answer({**shown, "expires_in": pair.expires_in}, headers={"Pragma": "no-cache"})
    if by_cookie:
        cookies.give(response, pair)
    return response


class LoginView(OAuthEndpoint):
    """POST /auth/login"""

    calls = {"POST": Call("login", query=Anything, body=Login, answers={200: Tokens}, refusals=LOGIN)}

    def perform_authentication(self, request):
        """None is needed; an address that is past its limit is told so before anything of its call is read."""
        attempts.require_open(request._request.caller.counted)

    def post(self, request):
        """Sign in by e-mail and password, and by a code where there is a second factor."""
        by_cookie = self.body["delivery"] == "cookie"
        if by_cookie:
            cookies.check_origin(request._request)
        developer = authenticate(
            request._request,
            email=self.body.get("email") or self.body["username"],
            password=self.body["password"],
            otp=self.body.get("otp", ""),
        )
        if developer is None:
            raise Unauthorized("Incorrect email or password", code="invalid_credentials")
        session = tokens.open_session(developer, request._request)
        return _answer(tokens.pair_for(session), by_cookie=by_cookie)


class CookieOrBody(OAuthEndpoint):
    """An endpoint whose token comes in the body or as the cookie, never both (`TokenSerializer`)."""

    def token_of(self, request) -> tuple[str, bool]:
        """(token, whether it came as the cookie). Raises Forbidden for a cookie from another origin."""
        if cookie := cookies.read(request._request):
            cookies.check_origin(request._request)
            return cookie, True
        return self.body.get("refresh_token") or self.body["token"], False


class RefreshView(CookieOrBody):
    """POST /token/refresh"""

    calls = {
        "POST": Call(
            "refresh_token",
            query=Anything,
            body=Refresh,
            answers={200: Tokens},
            refusals=("refresh_rejected", "origin_not_allowed"),
        )
    }

    def post(self, request):
        """Exchange a refresh token for the next pair."""
        token, by_cookie = self.token_of(request)
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

    calls = {
        "POST": Call("revoke_token", query=Anything, body=Revoke, answers={204: None}, refusals=("origin_not_allowed",))
    }

    def post(self, request):
        """End the session of a token; 204 whatever it was."""
        token, by_cookie = self.token_of(request)
        tokens.close_by_refresh(token)
        response = Answer(status=204)
        if by_cookie:
            cookies.clear(response)
        return response
