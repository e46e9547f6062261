"""httpx that refreshes by itself: one refresh at a time, each refused call is sent once more."""

import threading

import httpx

BASE = "http://127.0.0.1:8000/api/v1"


class RefreshingAuth(httpx.Auth):
    def __init__(self, access_token, refresh_token, on_tokens=lambda tokens: None):
        self.access_token, self.refresh_token = access_token, refresh_token
        self.on_tokens = on_tokens
        self.lock = threading.Lock()

    def sync_auth_flow(self, request):
        used = self.access_token
        request.headers["Authorization"] = f"Bearer {used}"
        answer = yield request
        if 'error="invalid_token"' not in answer.headers.get("WWW-Authenticate", ""):
            return
        with self.lock:
            if used == self.access_token:  # nobody was faster
                self.refresh()
        request.headers["Authorization"] = f"Bearer {self.access_token}"
        yield request

    def refresh(self):
        answer = httpx.post(f"{BASE}/token/refresh", json={"refresh_token": self.refresh_token})
        answer.raise_for_status()  # 401: the session is over, sign in again
        tokens = answer.json()
        self.access_token = tokens["access_token"]
        self.refresh_token = tokens["refresh_token"]  # the old one is spent: keep the new one
        self.on_tokens(tokens)


def make_api(access_token, refresh_token, on_tokens=lambda tokens: None):
    return httpx.Client(base_url=BASE, auth=RefreshingAuth(access_token, refresh_token, on_tokens))
