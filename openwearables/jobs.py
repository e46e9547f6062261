"""What is done every minute (`manage.py run_jobs`), in this order: the trail first, tidying last."""

from accounts import audit, closing, outbox
from accounts.jobs import Job
from accounts.retention import prune_accounts
from apikeys import hours, ranking, reminders
from apikeys.retention import prune_usage
from apikeys.rollup import roll_up

JOBS = (
    Job("seal", audit.seal_waiting, "audit events sealed"),
    Job("send_mail", outbox.send_waiting, "waiting mails sent"),
    Job("roll_up", roll_up, "days of usage summed up"),
    Job(ranking.JOB, ranking.rank_keys, "rankings of the busiest keys of large teams"),
    Job(hours.JOB, hours.watch_hours, "alerts about unusual hours"),
    Job(reminders.JOB, reminders.remind, "reminders mailed"),
    Job(closing.JOB, closing.erase_accounts, "accounts emptied that were closed or never verified"),
    Job("prune_usage", prune_usage, "old rows of usage and requests deleted"),
    Job("prune_accounts", prune_accounts, "old sessions and mails deleted"),
)
