"""The recent requests: read only, for whoever asks why a call was refused."""

import uuid
from datetime import UTC
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import Developer, Team
from apikeys import keys
from apikeys.addresses import canonical
from apikeys.explaining import explain
from apikeys.models import ApiKey, RequestRecord
from protocol.model_admin import OperatorAdmin, cut, public_part

STATUSES = (401, 403, 404, 409, 422, 429, 503)
CODES_FROM = 1000  # the latest requests, whose codes the filter offers: asking the table would read all of it
MOST_KEYS = 20  # that one search means
LEAST_OF_A_KEY = 4  # characters


class StatusFilter(admin.SimpleListFilter):
    """How a request was answered."""

    title = parameter_name = "status"
    spans = {"ok": (0, 399), "refused": (400, 499), "failed": (500, 599)}

    def lookups(self, request, model_admin):
        """Three kinds, then what is asked about most."""
        kinds = [("ok", "Answered"), ("refused", "Refused (4xx)"), ("failed", "Failed (5xx)")]
        return [*kinds, *((str(status), str(status)) for status in STATUSES)]

    def queryset(self, request, queryset):
        """By span, or by the very status."""
        wanted = self.value() or ""
        if wanted in self.spans:
            return queryset.filter(status__range=self.spans[wanted])
        return queryset.filter(status=int(wanted)) if wanted in map(str, STATUSES) else queryset


class CodeFilter(admin.SimpleListFilter):
    """Why it was refused, as the caller was told."""

    title = parameter_name = "code"

    def lookups(self, request, model_admin):
        """Those of the latest requests."""
        latest = RequestRecord.objects.order_by("-pk").values_list("code", flat=True)[:CODES_FROM]
        return [(code, code) for code in sorted({*latest, self.value() or ""} - {""})]

    def has_output(self):
        """Always, so that an address with an old code still says what it filters by."""
        return True

    def queryset(self, request, queryset):
        """By the word, even one that no recent request has."""
        return queryset.filter(code=self.value()) if self.value() else queryset


class ProvedFilter(admin.SimpleListFilter):
    """Whether the credential was proved, and so the request is a team's."""

    title, parameter_name = "has a team", "team"

    def lookups(self, request, model_admin):
        """Yes or no."""
        return (("yes", "Yes"), ("no", "No: no credential of ours"))

    def queryset(self, request, queryset):
        """By the team."""
        unproved = {"yes": False, "no": True}.get(self.value() or "")
        return queryset if unproved is None else queryset.filter(team_id__isnull=unproved)


@admin.register(RequestRecord)
class RequestRecordAdmin(OperatorAdmin):
    """Requests hold ids; the names beside them are looked up, and vanish with their owners."""

    list_display = ("moment", "method", "route", "status", "code", "failed_rule", "took", "key", "ip")
    list_filter = (StatusFilter, CodeFilter, ProvedFilter, "created_at")
    search_fields = ("request_id",)
    search_help_text = "A request's id, a key's beginning or id, or an address"
    ordering = ("-pk",)  # the server's own ids are of that moment
    fieldsets = (
        (None, {"fields": ("moment", "method", "route", "status", "code", "failed_rule", "took")}),
        ("Why", {"fields": ("answer", "why", "next_step", "ask_again")}),
        ("Who", {"fields": ("key", "developer", "team")}),
        ("Where from", {"fields": ("ip", "user_agent")}),
        ("Ids", {"fields": ("request_id", "id", "acts")}),
    )

    def get_queryset(self, request):
        """With the names of key, developer and team, in the same query."""
        key = ApiKey.objects.filter(pk=OuterRef("key_id"))
        names = {
            "key_environment": Subquery(key.values("environment")[:1]),
            "key_public_id": Subquery(key.values("public_id")[:1]),
            "developer_email": Subquery(Developer.objects.filter(pk=OuterRef("developer_id")).values("email")[:1]),
            "team_name": Subquery(Team.objects.filter(pk=OuterRef("team_id")).values("name")[:1]),
        }
        return super().get_queryset(request).annotate(**names)

    def get_search_results(self, request, queryset, search_term):
        """By what has an index, but for an address, which is worth a look through them all."""
        term = cut(search_term.strip())
        if not term:
            return queryset, False
        if address := _address(term):
            return queryset.filter(ip=address), False
        found = Q(pk__in=RequestRecord.objects.behind(term).values("pk"))
        # A team's requests are found by the index that begins with the team.
        for key in _keys(term):
            found |= Q(team_id=key.team_id, key_id=key.pk)
        return queryset.filter(found), False

    def has_view_permission(self, request, obj=None):
        """`change` gives nothing here: nobody changes what happened."""
        return self.granted(request, "view")

    @admin.display(description="at (UTC)", ordering="pk")
    def moment(self, record):
        """To the second, as logs say it."""
        return f"{record.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"

    @admin.display(description="ms", ordering="ms")
    def took(self, record):
        """How long the answer took."""
        return f"{record.ms:.1f}"

    @admin.display(description="answered")
    def answer(self, record):
        """The status in words."""
        return explain(record).title

    @admin.display
    def why(self, record):
        """Why, as the portal and `manage.py explain` say it."""
        return explain(record).why

    @admin.display(description="what to do")
    def next_step(self, record):
        """What to tell the caller."""
        return explain(record).next

    @admin.display(description="ask again")
    def ask_again(self, record):
        """The call as a command that works, with nothing in it that was sent."""
        curl = explain(record).curl
        return format_html("<pre><code>{}</code></pre>", curl) if curl else "–"

    @admin.display(ordering="key_id")
    def key(self, record):
        """The key that was proved; by its id alone once it is gone."""
        if not record.key_public_id:
            return record.key_id or "–"
        prefix = f"{keys.SCHEME}{record.key_environment}_{record.key_public_id}"
        return _link("admin:apikeys_apikey_change", record.key_id, prefix)

    @admin.display(ordering="developer_id")
    def developer(self, record):
        """The developer whose session was proved."""
        if not record.developer_email:
            return record.developer_id or "–"
        return _link("admin:accounts_developer_change", record.developer_id, record.developer_email)

    @admin.display(ordering="team_id")
    def team(self, record):
        """The team that sees this request too."""
        if not record.team_name:
            return record.team_id or "–"
        return _link("admin:accounts_team_change", record.team_id, record.team_name)

    @admin.display(description="what it did")
    def acts(self, record):
        """The audit events of this request."""
        trail = reverse("admin:accounts_auditevent_changelist")
        return format_html('<a href="{}?{}">Audit trail</a>', trail, urlencode({"q": record.request_id}))


def _address(term: str) -> str:
    try:
        return "" if "/" in term else canonical(term)
    except ValueError:
        return ""


def _keys(term: str):
    rows = ApiKey.objects.only("team_id")
    try:
        return rows.filter(pk=uuid.UUID(term))
    except ValueError:
        public = public_part(term)
        return rows.filter(public_id__startswith=public)[:MOST_KEYS] if len(public) >= LEAST_OF_A_KEY else ()


def _link(page: str, row_id, label: str) -> str:
    return format_html('<a href="{}">{}</a>', reverse(page, args=[row_id]), label)
