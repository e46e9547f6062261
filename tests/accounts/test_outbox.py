"""Mail that waits: written with its act, sent once, and tried again when the mail server was away."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.utils import timezone

from accounts import notices, outbox
from accounts.models import WaitingMail
from apikeys import keys
from tests.conftest import PASSWORD
from tests.live import free_port


@pytest.fixture
def mail_server(settings):
    """mail_server.away() and .back(): away, nothing listens where SMTP should be."""

    class MailServer:
        kept = settings.EMAIL_BACKEND

        def away(self):
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

        def back(self):
            settings.EMAIL_BACKEND = self.kept

    return MailServer()


def later(**span):
    return time_machine.travel(timezone.now() + timedelta(**span), tick=False)


def test_a_mail_that_was_sent_waits_no_more(ann, after_commit):
    with after_commit():
        notices.password_changed(ann)
        assert WaitingMail.objects.get().recipient == ann.email
        assert not mail.outbox
    assert [message.to for message in mail.outbox] == [[ann.email]]
    assert not WaitingMail.objects.exists()


def test_an_act_that_is_rolled_back_tells_nobody(ann, after_commit):
    with after_commit(), pytest.raises(RuntimeError), transaction.atomic():
        notices.password_changed(ann)
        raise RuntimeError
    assert not WaitingMail.objects.exists()
    assert outbox.send_waiting() == len(mail.outbox) == 0


def test_a_mail_is_written_in_the_transaction_of_the_new_password(as_ann, ann, monkeypatch):
    """What cannot be told is not done: else a thief would only have to fill the disk."""

    def broken(*args, **kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(notices.WaitingMail.objects, "bulk_create", broken)
    body = {"current_password": PASSWORD, "new_password": "a wholly different staple battery"}
    assert as_ann.call("POST", "/auth/change-password", body).status_code == 500
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


def test_while_the_mail_server_is_away_acts_succeed_and_their_mail_waits(as_ann, ann, after_commit, mail_server):
    mail_server.away()
    with after_commit():
        body = {"current_password": PASSWORD, "new_password": "a wholly different staple battery"}
        assert as_ann.call("POST", "/auth/change-password", body).status_code == 200
    waiting = WaitingMail.objects.get()
    assert (waiting.attempts, waiting.last_error.partition(":")[0]) == (1, "ConnectionRefusedError")
    mail_server.back()
    assert outbox.send_waiting() == 0, "not before its next attempt is due"
    with later(minutes=1):
        assert outbox.send_waiting() == 1
    assert [message.to for message in mail.outbox] == [[ann.email]]
    assert not WaitingMail.objects.exists()


def test_each_failure_doubles_the_wait_up_to_six_hours(ann, mail_server):
    mail_server.away()
    notices.password_changed(ann)
    waits = []
    for _ in range(11):
        due = WaitingMail.objects.get().next_attempt_at
        with time_machine.travel(due, tick=False), pytest.raises(outbox.NotSent):
            outbox.send_waiting()
        waits.append((WaitingMail.objects.get().next_attempt_at - due) / timedelta(minutes=1))
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]


def test_one_address_that_is_refused_holds_no_other_up(ann, bob, monkeypatch):
    deliver = outbox.send_mail

    def refusing(subject, body, sender, recipients):
        if recipients == [ann.email]:
            raise OSError("550 no such user, said of ow_live_000000000000_secretsecretsecret")
        return deliver(subject, body, sender, recipients)

    monkeypatch.setattr(outbox, "send_mail", refusing)
    notices.password_changed(ann)
    notices.password_changed(bob)
    with pytest.raises(outbox.NotSent, match="1 of 2 mails"):
        outbox.send_waiting()
    assert [message.to for message in mail.outbox] == [[bob.email]]
    assert "secretsecret" not in WaitingMail.objects.get().last_error


def test_of_two_senders_one_gets_the_mail(ann):
    notices.password_changed(ann)
    one, other = WaitingMail.objects.get(), WaitingMail.objects.get()
    assert one.claim()
    assert not other.claim()
    assert outbox.send_waiting() == 0


def test_a_mail_whose_sender_died_is_sent_by_another(ann):
    notices.password_changed(ann)
    assert WaitingMail.objects.get().claim()
    with later(minutes=9, seconds=59):
        assert outbox.send_waiting() == 0
    with later(minutes=10, seconds=1):
        assert outbox.send_waiting() == 1


def test_a_run_ends_in_time_for_the_next(ann, monkeypatch):
    for _ in range(3):
        notices.password_changed(ann)
    monkeypatch.setattr(outbox, "SENDING_SECONDS", -1)
    assert outbox.send_waiting() == 0
    assert WaitingMail.objects.filter(attempts=0).count() == 3


def test_no_secret_waits_in_a_mail(ann, bob, as_ann):
    text = keys.mint("live").text
    made = as_ann.call("POST", "/api-keys", {"name": "Server"}).json()
    notices.send("live_key_made", [ann.email], key={"name": text}, team={"name": text})
    for waiting in WaitingMail.objects.all():
        assert text[21:64] not in waiting.subject + waiting.body
        assert made["key"][21:64] not in waiting.subject + waiting.body


def test_what_is_sent_to_nobody_waits_like_any_other_and_goes_nowhere(ann, after_commit):
    with after_commit():
        notices.send("password_changed", [""], developer=ann)
        assert WaitingMail.objects.count() == 1
    assert not WaitingMail.objects.exists()
    assert mail.outbox == []


def test_a_mail_says_what_it_is_without_what_it_says(ann):
    notices.password_changed(ann)
    assert str(WaitingMail.objects.get()) == "Your password was changed to ann@example.com"
