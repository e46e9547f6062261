// axios that refreshes by itself: one refresh at a time, each refused call is sent once more.
import axios from "axios";

const BASE = "http://127.0.0.1:8000/api/v1";

export function makeApi({ accessToken, refreshToken, onTokens = () => {} }) {
  const api = axios.create({ baseURL: BASE });
  let refreshing = null;

  async function refresh() {
    const { data } = await axios.post(`${BASE}/token/refresh`, { refresh_token: refreshToken });
    accessToken = data.access_token;
    refreshToken = data.refresh_token; // the old one is spent: keep the new one
    await onTokens(data);
  }

  api.interceptors.request.use((config) => {
    config.usedToken = accessToken;
    config.headers.set("Authorization", `Bearer ${accessToken}`);
    return config;
  });
  api.interceptors.response.use(null, async (error) => {
    const { config, response } = error;
    const challenge = response?.headers["www-authenticate"] ?? "";
    if (config?.sentAgain || !challenge.includes('error="invalid_token"')) throw error;
    if (config.usedToken === accessToken) {
      refreshing ??= refresh().finally(() => (refreshing = null));
      await refreshing; // throws when the session is over: sign in again
    }
    return api.request({ ...config, sentAgain: true });
  });
  return api;
}
