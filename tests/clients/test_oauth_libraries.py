"""OAuth 2 libraries as they come: password grant, automatic refresh, a refusal, revocation."""

import time

import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import InvalidGrantError, LegacyApplicationClient
from requests_oauthlib import OAuth2Session

CLIENT = "any-client"  # the service has no clients; libraries insist on a name


@pytest.fixture(autouse=True)
def plain_http_is_fine_here(monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture(params=[AuthlibSession, OAuth2Client], ids=["requests", "httpx"])
def authlib(request, base):
    """authlib over each of its two transports, and the tokens it was told to keep."""
    kept = []

    def keep(token, refresh_token=None, access_token=None):
        kept.append(dict(token))

    client = request.param(
        CLIENT, token_endpoint=f"{base}/token/refresh", token_endpoint_auth_method="none", update_token=keep
    )
    client.kept = kept
    with client:
        yield client


def test_authlib_signs_in_and_calls(authlib, base, ann, password):
    token = authlib.fetch_token(f"{base}/auth/login", username=ann, password=password, grant_type="password")
    assert token["expires_in"] == 3600
    assert authlib.get(f"{base}/auth/me").json()["email"] == ann


def test_authlib_refreshes_by_itself_what_has_expired(authlib, base, ann, password):
    first = dict(authlib.fetch_token(f"{base}/auth/login", username=ann, password=password, grant_type="password"))
    authlib.token = {**first, "expires_at": int(time.time()) - 10}
    assert authlib.get(f"{base}/auth/me").json()["email"] == ann
    assert [token["refresh_token"] for token in authlib.kept] == [authlib.token["refresh_token"]]
    assert authlib.token["refresh_token"] != first["refresh_token"]
    assert authlib.token["access_token"] != first["access_token"]


def test_authlib_raises_when_it_is_refused(authlib, base, ann):
    with pytest.raises(OAuthError) as refusal:
        authlib.fetch_token(f"{base}/auth/login", username=ann, password="wrong", grant_type="password")
    assert refusal.value.error == "invalid_grant"
    with pytest.raises(OAuthError) as refusal:
        authlib.refresh_token(f"{base}/token/refresh", refresh_token="not-one-of-ours")
    assert refusal.value.error == "invalid_grant"


def test_authlib_is_told_which_grants_there_are(authlib, base, ann, password):
    with pytest.raises(OAuthError) as refusal:
        authlib.fetch_token(f"{base}/auth/login", username=ann, password=password, grant_type="client_credentials")
    assert refusal.value.error == "unsupported_grant_type"


def test_authlib_revokes(authlib, base, ann, password):
    token = dict(authlib.fetch_token(f"{base}/auth/login", username=ann, password=password, grant_type="password"))
    answer = authlib.revoke_token(f"{base}/token/revoke", token=token["refresh_token"], token_type_hint="refresh_token")
    assert answer.status_code == 204
    assert authlib.get(f"{base}/auth/me").status_code == 401
    with pytest.raises(OAuthError):
        authlib.refresh_token(f"{base}/token/refresh", refresh_token=token["refresh_token"])


@pytest.fixture
def oauthlib(base):
    """requests-oauthlib with automatic refresh, and the tokens it was told to keep."""
    kept = []
    session = OAuth2Session(
        client=LegacyApplicationClient(CLIENT),
        auto_refresh_url=f"{base}/token/refresh",
        auto_refresh_kwargs={"client_id": CLIENT},
        token_updater=kept.append,
    )
    session.kept = kept
    with session:
        yield session


def test_requests_oauthlib_signs_in_and_calls(oauthlib, base, ann, password):
    oauthlib.fetch_token(f"{base}/auth/login", username=ann, password=password)
    assert oauthlib.get(f"{base}/auth/me").json()["email"] == ann


def test_requests_oauthlib_refreshes_by_itself_what_has_expired(oauthlib, base, ann, password):
    first = dict(oauthlib.fetch_token(f"{base}/auth/login", username=ann, password=password))
    oauthlib.token = {**first, "expires_in": -10, "expires_at": time.time() - 10}
    assert oauthlib.get(f"{base}/auth/me").json()["email"] == ann
    assert len(oauthlib.kept) == 1
    assert oauthlib.kept[0]["refresh_token"] != first["refresh_token"]


def test_requests_oauthlib_raises_when_it_is_refused(oauthlib, base, ann):
    with pytest.raises(InvalidGrantError, match="Incorrect email or password"):
        oauthlib.fetch_token(f"{base}/auth/login", username=ann, password="wrong")
    with pytest.raises(InvalidGrantError):
        oauthlib.refresh_token(f"{base}/token/refresh", refresh_token="not-one-of-ours", client_id=CLIENT)


def test_requests_oauthlib_revokes(oauthlib, base, ann, password):
    token = oauthlib.fetch_token(f"{base}/auth/login", username=ann, password=password)
    url, headers, body = LegacyApplicationClient(CLIENT).prepare_token_revocation_request(
        f"{base.replace('http:', 'https:')}/token/revoke",
        token["refresh_token"],  # oauthlib insists on TLS here
    )
    url = url.replace("https:", "http:")
    assert oauthlib.post(url, data=body, headers=headers, withhold_token=True).status_code == 204
    assert oauthlib.get(f"{base}/auth/me").status_code == 401
