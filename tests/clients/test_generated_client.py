"""A client that openapi-python-client generates from our schema, used against a real server."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from openwearables.schema import schema_text


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The package `ow_client`, made from the schema as it is served."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.json").write_text(json.dumps(json.loads(schema_text())))
    (folder / "config.yaml").write_text("package_name_override: ow_client\npost_hooks: []\n")
    program = Path(sys.executable).with_name("openapi-python-client")
    words = [
        "generate",
        "--path",
        "openapi.json",
        "--output-path",
        "ow_client",
        "--meta",
        "none",
        "--config",
        "config.yaml",
    ]
    done = subprocess.run(
        [program, *words, "--fail-on-warning"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for file in (folder / "ow_client/api").rglob("*.py"):
        # openapi-python-client 0.29 forgets this import in calls that take two kinds of body.
        text = file.read_text()
        if "Unset = UNSET" in text and "import UNSET, Unset" not in text:
            file.write_text(text.replace("import Response, UNSET\n", "import Response, UNSET, Unset\n"))
    sys.path.insert(0, str(folder))
    yield lambda name: importlib.import_module(f"ow_client.{name}")
    sys.path.remove(str(folder))


def test_a_generated_client_signs_in_makes_a_key_lists_users_and_revokes(generated, server, ann, password):
    client, models = generated("client"), generated("models")
    anybody = client.Client(base_url=server.url)
    login = generated("api.auth.login")
    tokens = login.sync(client=anybody, body=models.LoginRequest(email=ann, password=password))
    assert tokens.token_type == "bearer"
    refused = login.sync_detailed(client=anybody, body=models.LoginRequest(email=ann, password="wrong"))
    assert (refused.status_code, refused.parsed.code) == (401, "invalid_credentials")

    developer = client.AuthenticatedClient(base_url=server.url, token=tokens.access_token)
    made = generated("api.api_keys.create_api_key").sync(
        client=developer, body=models.KeyCreateRequest(name="Generated", environment=models.EnvironmentEnum.TEST)
    )
    program = client.AuthenticatedClient(
        base_url=server.url, token=made.key, prefix="", auth_header_name="X-Open-Wearables-API-Key"
    )
    users = generated("api.users.list_users")
    assert users.sync(client=program).total == 0

    revoked = generated("api.api_keys.revoke_api_key").sync(key_id=made.id, client=developer)
    assert revoked.status == "revoked"
    assert users.sync_detailed(client=program).parsed.code == "invalid_api_key"
