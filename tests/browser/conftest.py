"""A real server and a real browser: gunicorn on a free loopback port over a fresh SQLite, and Debian's Chromium."""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.live import PASSWORD, ROOT, free_port

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
WIDEST = """() => {
  const right = (element) => element.getBoundingClientRect().right;
  const all = [...document.querySelectorAll("body *")].filter(element => !element.children.length);
  return all.sort((a, b) => right(b) - right(a)).slice(0, 3).map(element => element.outerHTML);
}"""


def pytest_collection_modifyitems(items):
    """Everything here is a browser test."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's own browser; root can't have a sandbox."""
    return {**browser_type_launch_args, "executable_path": "/usr/bin/chromium", "args": ["--no-sandbox"]}


@dataclass
class Site:
    """A running server: where it is, and how to reach its commands."""

    url: str
    commands: subprocess.Popen
    mails: Path

    def manage(self, *words) -> str:
        """Run a management command; what it printed."""
        self.commands.stdin.write(json.dumps(words) + "\n")
        self.commands.stdin.flush()
        answer = json.loads(self.commands.stdout.readline())
        assert "failed" not in answer, answer
        return answer["said"].strip()

    def mailed_link(self, email, subject) -> str:
        """The link in the newest mail with this subject to this address, which may still be on its way."""
        for _ in range(100):
            for path in sorted(self.mails.glob("*.log"), key=lambda path: path.stat().st_mtime_ns, reverse=True):
                mail = message_from_bytes(path.read_bytes(), policy=default)
                found = re.search(rf"{re.escape(self.url)}/\S+", mail.get_content())
                if found and mail["To"] == email and mail["Subject"] == subject:
                    return found[0]
            time.sleep(0.1)
        raise AssertionError(f"no mail {subject!r} came to {email}")


def environment(folder, url) -> dict:
    """As `./run` has it: a database of its own and fresh secrets."""
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "OW_ENV_FILE": "",
        "DJANGO_SETTINGS_MODULE": "openwearables.settings",
        "SITE_URL": url,
        "DATABASE_URL": f"sqlite:///{folder}/browser.sqlite3",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "JWT_SIGNING_KEYS": f"k1:{secrets.token_urlsafe(48)}",
        "API_KEY_PEPPERS": f"p1:{secrets.token_urlsafe(48)}",
        "AUDIT_KEY": secrets.token_urlsafe(48),
        "SIGNUP_OPEN": "on",
        "EMAIL_URL": f"filemail:///{folder}/mails",
        "LOG_LEVEL": "WARNING",
    }


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """A database with all tables and nobody in it; each server begins with a copy."""
    folder = tmp_path_factory.mktemp("migrated")
    command = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment(folder, "http://127.0.0.1:8000"), check=True)
    return folder / "browser.sqlite3"


@contextmanager
def serve(folder, migrated):
    """gunicorn as `./run` starts it, with nobody in the database yet."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = environment(folder, url)
    shutil.copy(migrated, folder / "browser.sqlite3")
    command = [sys.executable, "-m", "gunicorn", "openwearables.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "1"]
    pipe = subprocess.PIPE
    with (folder / "server.log").open("a") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
        commands = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.commands"],
            **{"cwd": ROOT, "env": env, "text": True, "stdin": pipe, "stdout": pipe, "stderr": log},
        )
    try:
        wait_for(url + "/healthz", server)
        yield Site(url, commands, folder / "mails")
    finally:
        commands.communicate(timeout=20)  # no more questions: it ends
        server.terminate()
        server.wait(timeout=20)
    assert "Traceback" not in (folder / "server.log").read_text()


@pytest.fixture(scope="session")
def site(tmp_path_factory, migrated):
    """The server of most tests."""
    with serve(tmp_path_factory.mktemp("site"), migrated) as site:
        yield site


@pytest.fixture
def empty_site(tmp_path, migrated):
    """A server of this test's own, in which nobody has an account."""
    with serve(tmp_path, migrated) as site:
        yield site


def wait_for(address: str, server) -> None:
    """Until the server answers; 30 seconds at most."""
    for _ in range(300):
        assert server.poll() is None, "the server did not start"
        try:
            urllib.request.urlopen(address, timeout=1)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not answer")


@pytest.fixture(scope="session")
def owner(site):
    """The e-mail of somebody who may sign in; made by command, before any page was seen."""
    code = (
        "from accounts.models import Developer; "
        f"Developer.objects.create_superuser('olga@example.com', {PASSWORD!r}, first_name='Olga')"
    )
    site.manage("shell", "--no-imports", "-c", code)
    return "olga@example.com"


def sign_out(page):
    """Press the button, and wait until it is done."""
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status").first).to_contain_text("signed out")


@dataclass
class Watch:
    """What a page must never do: break the content security policy, throw, or call another host."""

    home: str
    complaints: list = field(default_factory=list)

    def over(self, page):
        """Begin to watch a page."""
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("request", self.on_request)
        return page

    def on_console(self, message):
        """CSP reports land in the console as errors, as do scripts' own; a refused page's status is no complaint."""
        if message.type in ("error", "warning") and not re.search(r"status of 4\d\d", message.text):
            self.complaints.append(f"{message.type}: {message.text}")

    def on_request(self, request):
        """Every request goes home."""
        if not request.url.startswith((self.home + "/", "data:")):
            self.complaints.append(f"request to {request.url}")


@pytest.fixture
def watch(site):
    """Watches pages, and fails the test for what they did."""
    watch = Watch(site.url)
    yield watch
    assert watch.complaints == []


@pytest.fixture(scope="session")
def pictures():
    """Where screenshots go, which PICTURES names; else None, and none is made."""
    if not os.environ.get("PICTURES"):
        return None
    folder = Path(os.environ["PICTURES"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def look(pictures):
    """look(page, name): nothing sticks out, axe finds nothing; a picture is kept if somebody wants them."""

    def look(page, name):
        page.wait_for_load_state()  # a click returns once the next page has begun, which may be empty still
        if pictures:
            page.screenshot(path=pictures / f"{name}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} px wider than the window: {page.evaluate(WIDEST)}"
        found = Axe().run(page, options=WCAG)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"

    return look


@pytest.fixture(scope="session")
def look_twice(look):
    """look_twice(page, name): the same by day and by night, without loading the page again."""

    def look_twice(page, name):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour half-way to the other
            look(page, f"{name}-{scheme}")

    return look_twice


@pytest.fixture(scope="session")
def look_everywhere(look_twice):
    """look_everywhere(page, name): the same at a desk and on a phone, by day and by night."""

    def look_everywhere(page, name):
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            look_twice(page, f"{name}-{width}")

    return look_everywhere
