"""A real server and a real browser: gunicorn on a free loopback port over a fresh SQLite, and Debian's Chromium."""

import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery staple"
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


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
    env: dict

    def manage(self, *words) -> str:
        """Run a management command."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.env, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serve(folder):
    """gunicorn as `./run` starts it, with nobody in the database yet."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "OW_ENV_FILE": "",
        "DJANGO_SETTINGS_MODULE": "openwearables.settings",
        "SITE_URL": url,
        "DATABASE_URL": f"sqlite:///{folder}/browser.sqlite3",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "JWT_SIGNING_KEYS": f"k1:{secrets.token_urlsafe(48)}",
        "API_KEY_PEPPERS": f"p1:{secrets.token_urlsafe(48)}",
        "AUDIT_KEY": secrets.token_urlsafe(48),
        "LOG_LEVEL": "WARNING",
    }
    site = Site(url, env)
    site.manage("migrate", "--noinput", "--verbosity", "0")
    command = [sys.executable, "-m", "gunicorn", "openwearables.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "1", "--threads", "8", "--no-control-socket", "--forwarded-allow-ips", ""]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(url + "/healthz", server)
        yield site
    finally:
        server.terminate()
        server.wait(timeout=20)
    assert "Traceback" not in (folder / "server.log").read_text()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The server of most tests."""
    with serve(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def empty_site(tmp_path):
    """A server of this test's own, in which nobody has an account."""
    with serve(tmp_path) as site:
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
def pictures(tmp_path_factory):
    """Where screenshots go; PICTURES names another folder."""
    folder = Path(os.environ.get("PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def look(pictures):
    """look(page, name): nothing sticks out, axe finds nothing, a picture is kept."""

    def look(page, name):
        page.screenshot(path=pictures / f"{name}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} px wider than the window"
        found = Axe().run(page, options=WCAG)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"

    return look
