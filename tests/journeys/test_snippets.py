"""The quick start's snippets, run as a developer runs them: the files of docs/snippets against a real server."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from apikeys.snippets import QUICK_START

RUN = {"curl": ["sh", "-c"], "python": [sys.executable, "-c"], "javascript": ["node", "--input-type=module", "-e"]}


@pytest.fixture(scope="module")
def key(server):
    """A key of somebody who has no end users yet."""
    line = server.as_developer(server.new_developer())
    made = line.call("POST", "/api-keys", {"environment": "test"}).json()["key"]
    line.close()
    return made


@pytest.mark.parametrize("snippet", QUICK_START, ids=lambda one: one.name)
def test_a_snippet_of_the_quick_start_gets_the_answer_it_promises(server, key, snippet):
    program = [*RUN[snippet.name], snippet.code(server.url)]
    assert shutil.which(program[0]), f"{program[0]} is needed: see packages() in .ci/run"

    def run(text):
        env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "OW_API_KEY": text}
        return subprocess.run(program, env=env, capture_output=True, text=True, timeout=60, check=False)

    done = run(key)
    assert done.returncode == 0, done.stderr
    assert re.search(r"\btotal\W+0\b", done.stdout), done.stdout
    assert "invalid_api_key" in run(f"{key[:-1]}x").stdout
