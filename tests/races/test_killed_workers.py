"""Rotations and refreshes while workers die by SIGKILL: afterwards the old state or the new, never half of one."""

import http.client
import random
import threading
import time
from datetime import UTC, datetime

import pytest

from tests.live import Server
from tests.races.crowd import progress, rounds

pytestmark = pytest.mark.races

CLIENTS = 8
EACH = rounds(15, 125)  # refreshes, and as many rotations, of one client: 1,000 of each in full
BETWEEN_KILLS = rounds((20, 60), (60, 140))  # answers: a new worker takes seconds, on SQLite there is no other
GIVE_UP = 40  # seconds without an answer


@pytest.fixture(scope="module")
def server():
    """A server of its own, for nobody else could work here."""
    server = Server(API_KEYS_PER_TEAM="1000").start()
    yield server
    server.stop()


class Killer:
    """Kills a random worker each time some calls were answered, and waits until another stands in its place."""

    def __init__(self, server, stories, done):
        self.server, self.stories, self.done, self.kills = server, stories, done, 0
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.chance = random.Random(7)

    def work(self):
        due = 10
        while not self.done.wait(self.chance.uniform(0.001, 0.03)):
            answered = sum(story["answers"] for story in self.stories)
            before = self.server.pids()
            if answered < due or not before:
                continue
            self.server.kill(self.chance.choice(before))
            self.kills += 1
            due = answered + self.chance.randint(*BETWEEN_KILLS)
            while not self.done.wait(0.02) and not set(self.server.pids()) - set(before):
                pass


def insist(story, line, *call):
    """(answer, how many went lost): repeat a call until an answer comes, as a careful client does."""
    ends, lost = time.monotonic() + GIVE_UP, 0
    while True:
        try:
            answer = line.call(*call)
        except (OSError, http.client.HTTPException):
            line.close()
            lost += 1
            assert time.monotonic() < ends, "no answer"
            time.sleep(0.01)
        else:
            story["answers"] += 1
            story["lost"] += lost
            return answer, lost


def refresh_on(server, pair, story):
    """Refresh again and again; a lost answer is asked for once more with the same token."""
    line = server.line()
    story["tokens"] = [pair["refresh_token"]]
    for _ in range(EACH):
        answer, _ = insist(story, line, "POST", "/token/refresh", {"refresh_token": story["tokens"][-1]})
        assert answer.status == 200, answer
        story["tokens"].append(answer.json()["refresh_token"])
    line.close()


def rotate_on(server, pair, story):
    """Rotate again and again; whoever lost the answer is told the successor, and goes on with that."""
    line = server.line(Authorization=f"Bearer {pair['access_token']}")
    answer, _ = insist(story, line, "POST", "/api-keys", {"environment": "test"})
    assert answer.status == 201, answer
    last = answer.json()
    for number in range(EACH):
        answer, lost = insist(story, line, "POST", f"/api-keys/{last['id']}/rotate", {})
        if answer.status == 409 and lost:
            assert answer.code == "already_rotated", answer
            last = {"id": answer.json()["successor"]}
        else:
            assert answer.status == 201, answer
            last = answer.json()
        story["rotations"] = number + 1
    story["key"] = last
    line.close()


def test_no_half_rotation_and_no_second_live_token_after_workers_were_killed(server):
    emails = [server.new_developer() for _ in range(CLIENTS)]
    stories, threads, failures = [], [], []
    for email in emails:
        for act in (refresh_on, rotate_on):
            story = {"act": act.__name__, "email": email, "lost": 0, "answers": 0}
            stories.append(story)
            threads.append(threading.Thread(target=guarded, args=(failures, act, server, server.sign_in(email), story)))
    done = threading.Event()
    killer = Killer(server, stories, done)
    for thread in [*threads, killer.thread]:
        thread.start()
    while alive := [thread for thread in threads if thread.is_alive()]:
        alive[0].join(5)
        progress(f"kills {killer.kills}, lost answers {sum(story['lost'] for story in stories)}, " + how_far(stories))
    done.set()
    killer.thread.join()
    server.wait()
    assert not failures
    assert killer.kills >= rounds(2, 10)
    for story in stories:
        if "tokens" in story:
            check_session(server, story)
        else:
            check_last_key(server, story)
    check_chains(server)
    check_sessions(server)
    progress(f"{CLIENTS * EACH} refreshes and as many rotations through {killer.kills} kills: all whole")


def guarded(failures, act, server, pair, story):
    try:
        act(server, pair, story)
    except BaseException as error:
        failures.append((story["email"], act.__name__, error))


def how_far(stories):
    refreshes = sum(len(story.get("tokens", [0])) - 1 for story in stories)
    return f"{refreshes} refreshes, {sum(story.get('rotations', 0) for story in stories)} rotations"


def check_session(server, story):
    """Each answer was a new successor, the last is good, and the one two before it is a replay."""
    tokens, line = story["tokens"], server.line()
    assert len(set(tokens)) == EACH + 1
    rows = server.sql(
        "SELECT s.generation, s.closed_at FROM accounts_session s JOIN accounts_developer d ON d.id = s.developer_id"
        " WHERE d.email = %s AND s.generation > 1",
        story["email"],
    )
    assert rows == [(EACH + 1, None)], "a lost answer moved the session on by one, and never ended it"
    assert line.call("POST", "/token/refresh", {"refresh_token": tokens[-1]}).status == 200
    assert line.call("POST", "/token/refresh", {"refresh_token": tokens[-2]}).status == 401
    line.close()


def check_last_key(server, story):
    """The last key's chain can go on, and its text (where it came) opens."""
    assert story["rotations"] == EACH
    if "key" in story["key"]:
        assert server.get("/api/v1/api-keys/self", **{"X-API-Key": story["key"]["key"]}).status == 200


def check_chains(server):
    keys = {
        ident: (before, expires is not None or revoked is not None)
        for ident, before, expires, revoked in server.sql(
            "SELECT id, rotated_from_id, expires_at, revoked_at FROM apikeys_apikey"
        )
    }
    successors = [before for before, _ in keys.values() if before]
    assert len(successors) == len(set(successors)), "a key has two successors"
    assert {ident for ident, (_, ended) in keys.items() if ended} == set(successors), "half a rotation"
    assert len(keys) >= CLIENTS * (EACH + 1)
    audited = server.sql("SELECT count(*) FROM accounts_auditevent WHERE action = 'api_key.rotated'")
    assert audited == [(len(successors),)], "an act without its audit event, or an event without its act"
    parents = {ident: before for ident, (before, _) in keys.items()}
    good = {
        row[0]
        for row in server.sql("SELECT id FROM apikeys_apikey WHERE expires_at IS NULL OR expires_at > %s", now(server))
    }
    per_chain = {}
    for ident in good:
        root = ident
        while parents[root]:
            root = parents[root]
        per_chain[root] = per_chain.get(root, 0) + 1
    assert max(per_chain.values()) <= 2, "three good keys in one chain"


def check_sessions(server):
    """The database holds one generation per session, so it can't hold two live tokens; none was ended by mistake."""
    reasons = {row[0] for row in server.sql("SELECT DISTINCT closed_reason FROM accounts_session")}
    assert reasons <= {"", "replay"}


def now(server):
    """The time as its database keeps times."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f" + ("+00" if server.postgres else ""))
