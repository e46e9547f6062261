"""An old refresh token is a lost answer, or a theft: which, and what follows."""

import pytest
from django.core import mail

from accounts import refreshing
from accounts import tokens as life
from accounts.models import AuditEvent, Session
from tests.accounts.conftest import ELSEWHERE, HOME, NEIGHBOUR, TRAVELLING, claims_of, forge


@pytest.fixture
def chain(refresh, tokens):
    """[R1, R2, R3] with [A1, A2, A3]."""
    refreshes, accesses = [tokens["refresh_token"]], [tokens["access_token"]]
    for _ in range(2):
        found = refresh(refreshes[-1]).json()
        refreshes.append(found["refresh_token"])
        accesses.append(found["access_token"])
    return refreshes, accesses


def replayed(response):
    assert response.status_code == 401
    assert response.json()["code"] == "refresh_rejected"
    return Session.objects.get().closed_reason == "replay"


def test_a_replay_past_the_leeway_ends_the_session_and_is_told(clock, chain, refresh, me, ann, after_commit):
    (r1, _, r3), accesses = chain
    clock.shift(31)
    with after_commit():
        assert replayed(refresh(r1))
    assert refresh(r3).status_code == 401
    assert [me(access) for access in accesses] == [401] * 3
    event = AuditEvent.objects.get(action="session.replayed")
    assert event.target_id == Session.objects.get().pk
    assert event.data["developer"] == str(ann.pk)
    assert [message.to for message in mail.outbox] == [[ann.email]]
    assert r1 not in mail.outbox[0].body


def test_a_replay_is_audited_and_told_once(chain, refresh, after_commit):
    refreshes, _ = chain
    with after_commit():
        for token in refreshes * 2:
            refresh(token)
        refresh(refreshes[0])
    assert AuditEvent.objects.filter(action="session.replayed").count() == 1
    assert len(mail.outbox) == 1


def test_a_replay_leaves_other_sessions_alone(chain, refresh, ann, sign_in, me):
    other = sign_in(ann)
    assert refresh(chain[0][0]).status_code == 401
    assert me(other["access_token"]) == 200
    assert refresh(other["refresh_token"]).status_code == 200


def test_the_leeway_covers_only_the_immediate_parent(chain, refresh, me):
    """R1→R2→R3 within a second, then R1."""
    refreshes, accesses = chain
    assert replayed(refresh(refreshes[0]))
    assert me(accesses[2]) == 401


def test_a_lost_answer_is_given_again_identically(refresh, tokens):
    first = refresh(tokens["refresh_token"]).json()["refresh_token"]
    again = [refresh(tokens["refresh_token"]).json()["refresh_token"] for _ in range(3)]
    assert again == [first] * 3
    assert Session.objects.get().generation == 2
    assert refresh(first).status_code == 200


def test_a_parent_is_a_replay_once_its_successor_was_used(refresh, chain):
    assert replayed(refresh(chain[0][1], **HOME) if refresh(chain[0][2]).status_code == 200 else None)


@pytest.mark.parametrize("where", [HOME, NEIGHBOUR, TRAVELLING], ids=["home", "same network", "same agent"])
def test_a_retry_that_shares_network_or_agent_is_a_lost_answer(refresh, tokens, where):
    first = refresh(tokens["refresh_token"]).json()["refresh_token"]
    assert refresh(tokens["refresh_token"], **where).json()["refresh_token"] == first


def test_a_retry_from_another_network_and_another_agent_is_a_replay(refresh, tokens):
    refresh(tokens["refresh_token"])
    assert replayed(refresh(tokens["refresh_token"], **ELSEWHERE))


def test_it_is_the_rotation_that_counts_and_not_the_sign_in(refresh, tokens):
    refresh(tokens["refresh_token"], **ELSEWHERE)
    assert replayed(refresh(tokens["refresh_token"], **HOME))


@pytest.mark.parametrize("agent", [{}, {"HTTP_USER_AGENT": ""}], ids=["other agent", "no agent"])
def test_an_ipv6_retry_shares_its_64(refresh, tokens, agent):
    refresh(tokens["refresh_token"], REMOTE_ADDR="2001:db8::1", HTTP_USER_AGENT="A")
    assert refresh(tokens["refresh_token"], REMOTE_ADDR="2001:db8::ff", **agent).status_code == 200
    assert replayed(refresh(tokens["refresh_token"], REMOTE_ADDR="2001:db8:0:1::1", **agent))


def test_two_callers_without_an_agent_share_nothing(refresh, tokens):
    refresh(tokens["refresh_token"], HTTP_USER_AGENT="")
    assert replayed(refresh(tokens["refresh_token"], REMOTE_ADDR="198.51.100.7", HTTP_USER_AGENT=""))


def test_the_leeway_ends(clock, refresh, tokens):
    refresh(tokens["refresh_token"])
    clock.shift(28)
    assert refresh(tokens["refresh_token"]).status_code == 200
    clock.shift(3)
    assert replayed(refresh(tokens["refresh_token"]))


def test_a_leeway_of_0_forgives_nothing(refresh, tokens, settings):
    settings.REFRESH_LEEWAY = 0
    first = refresh(tokens["refresh_token"])
    assert first.status_code == 200
    assert replayed(refresh(tokens["refresh_token"]))


@pytest.mark.parametrize("generation", [2, 3, 2**31, 2**70, 0, -1])
def test_a_generation_that_was_never_given_is_a_replay(refresh, tokens, generation):
    assert replayed(refresh(forge(tokens["refresh_token"], gen=generation)))


def test_a_retry_checks_the_session_and_the_developer_again(refresh, tokens, ann):
    refresh(tokens["refresh_token"])
    ann.disable(by=None)
    response = refresh(tokens["refresh_token"])
    assert response.status_code == 401
    assert Session.objects.get().closed_reason == "developer_disabled"
    assert not AuditEvent.objects.filter(action="session.replayed").exists()


def test_a_session_that_is_over_is_no_news(api, refresh, tokens, after_commit):
    refresh(tokens["refresh_token"])
    api.with_token(tokens["access_token"]).call("POST", "/auth/logout")
    with after_commit():
        assert refresh(tokens["refresh_token"]).status_code == 401
    assert not AuditEvent.objects.filter(action="session.replayed").exists()
    assert not mail.outbox


def test_the_loser_of_a_race_gets_the_successor_of_the_winner(refresh, tokens, monkeypatch):
    """Just before our UPDATE, somebody else moves the row on."""
    rotate, won = refreshing.rotate, []

    def rotate_behind(claims, caller):
        won.append(rotate(claims, caller))
        return rotate(claims, caller)

    with monkeypatch.context() as patch:
        patch.setattr(refreshing, "rotate", rotate_behind)
        found = refresh(tokens["refresh_token"]).json()["refresh_token"]
    assert won[0].generation == 2
    assert claims_of(found)["gen"] == 2
    assert refresh(found).status_code == 200


def test_a_refresh_is_one_statement(refresh, tokens, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert refresh(tokens["refresh_token"]).status_code == 200


def test_a_pair_of_tokens_never_shows_them(tokens):
    pair = life.pair_for(Session.objects.select_related("developer").get())
    assert pair.refresh not in repr(pair)
    assert pair.access not in f"{pair}"


def test_the_mail_lists_the_keys_that_the_session_made(api, sign_in, ann, after_commit):
    thief, victim = sign_in(ann), sign_in(ann)
    made = api.with_token(thief["access_token"]).call("POST", "/api-keys", {"name": "Lasting", "environment": "test"})
    api.with_token(victim["access_token"]).call("POST", "/api-keys", {"name": "Innocent", "environment": "test"})
    token = thief["refresh_token"]
    later = api.call("POST", "/token/refresh", {"refresh_token": token}).json()["refresh_token"]
    api.call("POST", "/token/refresh", {"refresh_token": later})
    with after_commit():
        assert api.call("POST", "/token/refresh", {"refresh_token": token}).status_code == 401
    (message,) = mail.outbox
    assert f"- Lasting ({made.json()['key_prefix']}…), active" in message.body
    assert "Innocent" not in message.body
    assert made.json()["key"] not in message.body
