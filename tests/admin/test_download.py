"""Every list as CSV: what the list shows, nothing that a spreadsheet runs, no secret, and on the trail."""

import csv
import io

import pytest

from accounts.models import AuditEvent
from tests.admin.test_pages import NOUNS, filled, model_of  # noqa: F401 - a fixture


def rows_of(answer):
    assert answer["Content-Type"].startswith("text/csv"), answer
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


@pytest.mark.parametrize("noun", sorted(NOUNS))
def test_every_list_can_be_taken_as_csv_without_a_secret(noun, filled, at_admin, whole_key):  # noqa: F811
    rows = list(model_of(noun).objects.all())
    head, *lines = rows_of(at_admin.press("download", *rows))
    assert (len(lines), len(head) > 0) == (len(rows), True)
    assert whole_key.rpartition("_")[2] not in str(lines)


def test_a_cell_is_not_run_by_a_spreadsheet(at_admin, key):
    key.change(by=None, name='=HYPERLINK("http://evil.example")')
    cells = [cell for row in rows_of(at_admin.press("download", key)) for cell in row]
    assert '\'=HYPERLINK("http://evil.example")' in cells


def test_who_took_a_list_is_on_the_trail(at_admin, olga, key):
    b"".join(at_admin.press("download", key).streaming_content)
    event = AuditEvent.objects.get(action="list.downloaded")
    assert (event.actor_id, event.data["list"]) == (olga.pk, "apikeys.apikey")


def test_who_may_not_see_a_list_may_not_take_it(sue, key):
    assert sue("view_enduser").press("download", key).status_code == 403
