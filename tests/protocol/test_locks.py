"""One at a time over every server, and not a moment longer than the transaction."""

import pytest
from django.db import connection

from protocol.locks import Busy, alone, number_of

pytestmark = pytest.mark.django_db
shared_database = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time, and no advisory locks"
)


@pytest.fixture
def elsewhere():
    """elsewhere(sql, …) → the first column of the first row, on the connection of another server."""
    other = connection.copy()

    def elsewhere(sql, *values):
        with other.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchone()[0]

    yield elsewhere
    other.close()


@shared_database
def test_who_comes_while_another_is_at_it_is_turned_away_at_once(elsewhere):
    assert elsewhere("SELECT pg_try_advisory_lock(%s)", number_of("seal"))
    with pytest.raises(Busy), alone("seal"):
        pytest.fail("two were in at once")
    with alone("roll_up"):
        pass
    assert elsewhere("SELECT pg_advisory_unlock(%s)", number_of("seal"))
    with alone("seal"):
        pass


@shared_database
@pytest.mark.django_db(transaction=True)
def test_the_lock_ends_with_its_transaction_however_that_ends(elsewhere):
    taken = "SELECT pg_try_advisory_xact_lock(%s)"
    with alone("seal"):
        assert not elsewhere(taken, number_of("seal"))
    assert elsewhere(taken, number_of("seal"))
    with pytest.raises(ZeroDivisionError), alone("seal"):
        raise ZeroDivisionError
    assert elsewhere(taken, number_of("seal"))


def test_what_is_done_alone_is_done_whole_or_not_at_all():
    with alone("seal"):
        assert connection.in_atomic_block


def test_each_name_has_a_number_of_its_own_that_fits_in_64_bits():
    numbers = [number_of(name) for name in ("seal", "roll_up", "prune_usage", "prune_accounts")]
    assert len(set(numbers)) == 4
    assert all(-(2**63) <= number < 2**63 for number in numbers)
