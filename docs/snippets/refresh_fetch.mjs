// fetch that refreshes by itself: one refresh at a time, however many calls find the token over.
const BASE = "http://127.0.0.1:8000/api/v1";

export function makeApi({ accessToken, refreshToken, onTokens = () => {} }) {
  let refreshing = null;

  async function refresh() {
    const answer = await fetch(`${BASE}/token/refresh`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ refresh_token: refreshToken }),
    });
    const tokens = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(tokens.detail), tokens);
    accessToken = tokens.access_token;
    refreshToken = tokens.refresh_token; // the old one is spent: keep the new one
    await onTokens(tokens);
  }

  return async function api(path, options = {}) {
    const call = (token) =>
      fetch(BASE + path, { ...options, headers: { ...options.headers, Authorization: `Bearer ${token}` } });
    const used = accessToken;
    const answer = await call(used);
    const challenge = answer.headers.get("WWW-Authenticate") ?? "";
    if (answer.status !== 401 || !challenge.includes('error="invalid_token"')) return answer;
    if (used === accessToken) {
      refreshing ??= refresh().finally(() => (refreshing = null));
      await refreshing; // throws when the session is over: sign in again
    }
    return call(accessToken);
  };
}
