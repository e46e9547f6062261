"""How often one may guess: counted before the hash, over all doors, and nobody can lock an owner out."""

import time

import pytest

from accounts import attempts
from accounts.models import AuditEvent, Session
from protocol.address import counted_as, parse_address
from protocol.counters import counters
from tests.accounts.conftest import ELSEWHERE, HOME, NEIGHBOUR, PASSWORD

ATTACKER = {"REMOTE_ADDR": "192.0.2.66", "HTTP_USER_AGENT": "Evil/1"}


def too_many(response, most=900):
    assert response.status_code == 429, response.content
    assert response.json()["code"] == "too_many_attempts"
    assert response.json()["error"] == "invalid_request"
    assert response["Retry-After"].isdigit()
    assert 1 <= int(response["Retry-After"]) <= most
    return True


def statuses(guess, times, email, password="wrong", **extra):
    return [guess(email, password, **extra).status_code for _ in range(times)]


@pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
def test_the_tenth_bad_guess_is_429_for_an_account_that_exists_or_not(guess, ann, email):
    assert statuses(guess, 9, email) == [401] * 9
    assert too_many(guess(email))
    assert too_many(guess(email))


def test_the_spelling_of_the_email_makes_no_new_counter(guess, ann):
    for email in ("ann@example.com", "ANN@example.com", " Ann@Example.com ") * 3:
        assert guess(email).status_code == 401
    assert too_many(guess("aNN@example.com"))


def test_past_the_limit_nothing_is_hashed(guess, ann, hashes):
    statuses(guess, 12, ann.email)
    assert len(hashes) == 10


def test_past_the_limit_the_right_password_does_not_help_from_there(guess, ann):
    statuses(guess, 10, ann.email)
    assert too_many(guess(ann.email, PASSWORD))
    assert guess(ann.email, PASSWORD, **ELSEWHERE).status_code == 200


def test_the_limit_ends_with_its_window(guess, ann, settings):
    settings.LOGIN_RATE_LIMIT = [(2, 1), (100, 900), (100, 86400)]
    statuses(guess, 2, ann.email)
    response = guess(ann.email, PASSWORD)
    assert too_many(response, most=1)
    time.sleep(1.1)
    assert guess(ann.email, PASSWORD).status_code == 200


def test_a_right_tenth_guess_signs_in(guess, ann):
    statuses(guess, 9, ann.email)
    assert guess(ann.email, PASSWORD).status_code == 200


def test_a_success_clears_only_its_own_account_and_address(guess, ann, bob):
    statuses(guess, 8, ann.email)
    statuses(guess, 9, bob.email)
    statuses(guess, 9, ann.email, **ATTACKER)
    assert guess(ann.email, PASSWORD).status_code == 200
    assert statuses(guess, 9, ann.email) == [401] * 9
    assert too_many(guess(bob.email))
    assert too_many(guess(ann.email, **ATTACKER))


def test_successes_never_count(guess, ann):
    assert statuses(guess, 30, ann.email, PASSWORD) == [200] * 30


def test_one_address_may_fail_100_times_over_all_accounts(guess, ann):
    for number in range(99):
        assert guess(f"nobody{number}@example.com").status_code == 401
    assert too_many(guess("nobody99@example.com"))
    assert too_many(guess(ann.email, PASSWORD))
    assert guess(ann.email, PASSWORD, **ELSEWHERE).status_code == 200


def test_the_address_of_an_ipv6_caller_is_its_64(guess, ann):
    for number in range(9):
        assert guess(ann.email, REMOTE_ADDR=f"2001:db8::{number}").status_code == 401
    assert too_many(guess(ann.email, REMOTE_ADDR="2001:db8::ffff:1"))
    assert guess(ann.email, REMOTE_ADDR="2001:db8:0:1::1").status_code == 401


def from_everywhere(guess, email, times):
    """Bad guesses, each from another address."""
    return [guess(email, REMOTE_ADDR=f"192.0.{n // 250}.{n % 250}") for n in range(times)]


def test_a_whole_account_may_fail_100_times_a_day_and_still_lets_its_own_networks_in(guess, ann):
    assert guess(ann.email, PASSWORD, **HOME).status_code == 200
    answers = from_everywhere(guess, ann.email, 101)
    assert {answer.status_code for answer in answers[:99]} == {401}
    assert too_many(answers[99], most=86400)
    assert too_many(answers[100], most=86400)
    assert too_many(guess(ann.email, PASSWORD, **ELSEWHERE), most=86400)
    assert guess(ann.email, PASSWORD, **HOME).status_code == 200
    assert guess(ann.email, PASSWORD, **NEIGHBOUR).status_code == 200


def test_what_was_refused_unhashed_counts_for_nothing(guess, ann):
    """Else one attacker at one address could use up the whole account's day."""
    statuses(guess, 120, ann.email, **ATTACKER)
    assert guess(ann.email, PASSWORD, **ELSEWHERE).status_code == 200
    assert guess("nobody@example.com", **ATTACKER).status_code == 401


def test_a_known_network_is_limited_as_any_other_pair(guess, ann):
    guess(ann.email, PASSWORD, **HOME)
    from_everywhere(guess, ann.email, 101)
    assert statuses(guess, 9, ann.email, **HOME) == [401] * 9
    assert too_many(guess(ann.email, **HOME))


def test_an_account_without_a_network_is_locked_everywhere(guess, ann):
    Session.objects.create(developer=ann, kind="api", expires_at="2999-01-01T00:00Z", ends_at="2999-01-01T00:00Z")
    from_everywhere(guess, ann.email, 100)
    assert too_many(guess(ann.email, PASSWORD, **HOME), most=86400)


def test_a_private_proxy_that_nobody_declared_is_not_counted_by_address(guess, ann, bob):
    proxied = {"REMOTE_ADDR": "192.168.7.7", "HTTP_X_FORWARDED_FOR": "1.2.3.4"}
    assert statuses(guess, 20, "nobody@example.com", **proxied) == [401] * 20
    assert guess(ann.email, PASSWORD, **proxied).status_code == 200


def test_a_caller_without_an_address_is_counted_by_account_alone(guess, ann):
    assert statuses(guess, 99, "nobody@example.com", REMOTE_ADDR="") == [401] * 99
    assert too_many(guess("nobody@example.com", REMOTE_ADDR=""), most=86400)
    assert too_many(guess("nobody@example.com", REMOTE_ADDR=""), most=86400)
    assert guess(ann.email, PASSWORD, REMOTE_ADDR="").status_code == 200


def test_change_password_and_sign_in_share_the_counter(api, ann, sign_in, guess):
    signed_in = api.with_token(sign_in(ann, **HOME)["access_token"])
    body = {"current_password": "wrong", "new_password": "a new and longer password"}
    statuses(guess, 5, ann.email)
    for _ in range(4):
        assert signed_in.call("POST", "/auth/change-password", body, **HOME).status_code == 422
    response = signed_in.call("POST", "/auth/change-password", body, **HOME)
    assert response.status_code == 429
    assert response["Retry-After"].isdigit()
    assert too_many(guess(ann.email, PASSWORD))


def test_hitting_the_limit_is_audited_once_an_hour_and_only_for_an_account_that_exists(guess, ann):
    statuses(guess, 13, ann.email)
    statuses(guess, 13, "nobody@example.com", **ELSEWHERE)
    event = AuditEvent.objects.get(action="sign_in.limited")
    assert event.target_id == ann.pk


def test_bad_keys_are_counted_apart_and_never_without_an_address(monkeypatch):
    monkeypatch.setattr(attempts, "BAD_KEYS", (2, 900))
    address = counted_as(parse_address("192.0.2.9"))
    attempts.bad_key(address)
    attempts.bad_key(address)
    attempts.bad_key(None)
    with pytest.raises(attempts.TooManyAttempts) as refused:
        attempts.bad_key(address)
    assert 1 <= refused.value.wait <= 900


def test_right_passwords_at_once_lock_nobody_out(guess, ann, monkeypatch):
    """Guesses that are still being judged are no failures: whoever comes meanwhile waits seconds, not minutes."""
    name = f"guess:{attempts.hashed(ann.email)}:{HOME['REMOTE_ADDR']}"
    for _ in range(10):
        counters().hit(name, 900)
    with attempts._being_judged([name]):
        refused = guess(ann.email, PASSWORD)
    assert (refused.status_code, refused["Retry-After"]) == (429, "2")
    counters().give_back(*[name] * 10)
    assert guess(ann.email, PASSWORD).status_code == 200


def test_whoever_is_past_the_limit_costs_no_look_at_the_counters_for_a_second(guess, ann, monkeypatch):
    for _ in range(11):
        last = guess(ann.email)
    assert last.status_code == 429
    asked = []
    monkeypatch.setattr(type(counters()), "hit_each", lambda *args: asked.append(args))
    again = guess(ann.email)
    assert (again.status_code, asked) == (429, [])
    assert int(again["Retry-After"]) > 800
