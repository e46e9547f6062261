"""A server whose PostgreSQL and Redis can be taken away from it, and from nobody else."""

import re

import requests

from tests.faults.proxy import Proxy
from tests.live import PASSWORD, Server


class FragileServer(Server):
    """A server that reaches PostgreSQL and Redis through proxies; its tests' own statements and commands go around."""

    def __init__(self, workers=2, **setting):
        super().__init__(workers, **setting)
        self.database_way = Proxy(self.env["DATABASE_URL"])
        self.redis_way = Proxy(self.env["REDIS_URL"])
        self.only_served = {"DATABASE_URL": self.database_way.url, "REDIS_URL": self.redis_way.url}

    def mend(self):
        """Both ways are open again."""
        self.database_way.up()
        self.redis_way.up()

    def stop(self):
        self.mend()
        code = super().stop()
        self.database_way.close()
        self.redis_way.close()
        return code


class Browser:
    """A browser without a screen: cookies, forms, pages.

    Each call has a connection of its own, for one that a dead worker held would break the next.
    """

    def __init__(self, server, email=None):
        self.server, self.session = server, requests.Session()
        self.session.trust_env = False
        if email:
            answer = self.send("/sign-in/", login=email, password=PASSWORD)
            assert (answer.status_code, answer.url) == (200, f"{server.url}/keys/"), (answer.status_code, answer.url)

    def get(self, path):
        return self.session.get(self.server.url + path, timeout=30, headers={"Connection": "close"})

    def send(self, path, **fields):
        """Open the page with the form, fill it in, send it."""
        page = self.get(path)
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)"[^>]*value="([^"]*)"', page.text))
        return self.post(path, **hidden, **fields)

    def post(self, path, **fields):
        headers = {"Connection": "close", "Origin": self.server.url}
        return self.session.post(self.server.url + path, data=fields, timeout=30, headers=headers)
