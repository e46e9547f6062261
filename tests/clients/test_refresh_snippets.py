"""The snippets of docs/authentication.md, as they stand there, against a real server: refreshing by itself."""

import importlib.util
import json
import os
import subprocess
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITTEN_FOR = "http://127.0.0.1:8000"
AXIOS = Path(__file__).parent / "vendor" / "axios-1.21.1.min.js"
CALLS = 10
# Ten calls at once with a token that is over; then the session is ended, and one more.
DRIVER = """
import { makeApi } from "./snippet.mjs";
const [tokens, base] = [JSON.parse(process.env.TOKENS), process.env.BASE];
const kept = [];
const onTokens = (fresh) => kept.push(fresh);
const api = makeApi({ accessToken: tokens.access_token + "x", refreshToken: tokens.refresh_token, onTokens });
const read = async (path) => {
  const answer = api.get ? await api.get(path, { validateStatus: (status) => status !== 401 }) : await api(path);
  return [answer.status, (answer.data ?? (await answer.json())).email];
};
const answers = await Promise.all(Array.from({ length: 10 }, () => read("/auth/me")));
await fetch(base + "/token/revoke", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ token: kept.at(-1).refresh_token }),
});
let over = "";
try {
  await read("/auth/me");
} catch (error) {
  over = error.response?.data.code ?? error.code; // axios' own, or the problem's
}
console.log(JSON.stringify({ answers, refreshes: kept.length, over }));
"""


def snippet(name, server, folder):
    """The file with the server's address in it."""
    file = folder / f"snippet{Path(name).suffix}"
    file.write_text((ROOT / "docs/snippets" / name).read_text().replace(WRITTEN_FOR, server.url))
    return file


def imported(file):
    spec = importlib.util.spec_from_file_location("snippet", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["refresh_fetch.mjs", "refresh_axios.mjs"])
def test_javascript_refreshes_once_for_many_calls_and_tells_when_it_is_over(server, base, ann, tmp_path, name):
    snippet(name, server, tmp_path)
    package = tmp_path / "node_modules" / "axios"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"name": "axios", "type": "module", "main": "axios.js"}')
    (package / "axios.js").write_text(AXIOS.read_text())
    (tmp_path / "driver.mjs").write_text(DRIVER)
    env = {"PATH": os.environ["PATH"], "TOKENS": json.dumps(server.sign_in(ann)), "BASE": base}
    done = subprocess.run(
        ["node", "driver.mjs"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["answers"] == [[200, ann]] * CALLS
    assert told["refreshes"] == 1
    assert told["over"] == "refresh_rejected"


def test_httpx_refreshes_once_for_many_threads_and_tells_when_it_is_over(server, ann, tmp_path):
    httpx = pytest.importorskip("httpx")
    tokens, kept, found = server.sign_in(ann), [], []
    module = imported(snippet("refresh_httpx.py", server, tmp_path))
    with module.make_api(tokens["access_token"] + "x", tokens["refresh_token"], kept.append) as api:
        threads = [
            threading.Thread(target=lambda: found.append(api.get("/auth/me").json()["email"])) for _ in range(CALLS)
        ]
        [thread.start() for thread in threads], [thread.join() for thread in threads]
        assert (found, len(kept)) == ([ann] * CALLS, 1)
        assert api.post("/auth/logout").status_code == 200
        with pytest.raises(httpx.HTTPStatusError, match="401"):
            api.get("/auth/me")


def test_authlib_refreshes_before_a_token_is_over(server, ann, tmp_path, monkeypatch):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # plain HTTP on loopback
    kept = []
    module = imported(snippet("refresh_authlib.py", server, tmp_path))
    with module.make_api({**server.sign_in(ann), "expires_at": 1}, kept.append) as api:
        assert api.get(f"{module.BASE}/auth/me").json()["email"] == ann
        assert len(kept) == 1
        assert api.get(f"{module.BASE}/auth/me").status_code == 200
        assert len(kept) == 1


def test_the_snippets_that_the_page_shows_are_the_files_that_ran_here():
    page = (ROOT / "docs/authentication.md").read_text()
    for name in ("refresh_fetch.mjs", "refresh_axios.mjs", "refresh_httpx.py", "refresh_authlib.py"):
        assert f"](snippets/{name})" in page
