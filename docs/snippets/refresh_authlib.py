"""authlib refreshes by itself once it knows where, and before the token is over."""

from authlib.integrations.httpx_client import OAuth2Client

BASE = "http://127.0.0.1:8000/api/v1"


def make_api(token=None, on_tokens=lambda tokens: None):
    """Without a token call `api.fetch_token(f"{BASE}/auth/login", username=…, password=…, grant_type="password")`."""
    return OAuth2Client(
        "any-name",  # there are no clients to register; the library wants a name
        token=token,
        token_endpoint=f"{BASE}/token/refresh",
        token_endpoint_auth_method="none",
        update_token=lambda token, refresh_token=None, access_token=None: on_tokens(token),
    )
