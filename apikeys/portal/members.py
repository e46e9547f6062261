"""Removing a member, or leaving: first, what becomes of the live keys whose secret they saw?"""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import members
from accounts.current_team import current_team
from accounts.models import Membership
from apikeys import offboarding
from apikeys.offboarding import Fate
from protocol.forms import PlainForm
from protocol.problems import Conflict

SPANS = [
    (86400, gettext_lazy("in 24 hours")),
    (offboarding.DEFAULT_OVERLAP, gettext_lazy("in 7 days")),
    (offboarding.LONGEST_OVERLAP, gettext_lazy("in 30 days")),
]

BECAME = {
    Fate.EXPIRE: gettext_lazy("Keys that will expire: %(changed)d of %(all)d."),
    Fate.REVOKE: gettext_lazy("Keys that are revoked: %(changed)d of %(all)d."),
    Fate.KEEP: gettext_lazy("Keys that go on working: %(all)d."),
}


class FateForm(PlainForm):
    """What becomes of the keys."""

    keys = forms.ChoiceField(
        label=gettext_lazy("These keys"),
        widget=forms.RadioSelect,
        choices=[
            (Fate.EXPIRE, gettext_lazy("Let them expire, so that the team rotates them until then")),
            (Fate.REVOKE, gettext_lazy("Revoke them now: programs that use them get 401")),
            (Fate.KEEP, gettext_lazy("Keep them, marked as seen by somebody who left")),
        ],
    )
    overlap = forms.TypedChoiceField(
        label=gettext_lazy("If they expire"), choices=SPANS, coerce=int, initial=offboarding.DEFAULT_OVERLAP
    )


@login_required
def member_remove(request, developer_id):
    """Remove a member of the current team, or leave it."""
    team = current_team(request)
    if team is None:
        raise Http404
    found = Membership.objects.select_related("developer", "team")
    member = get_object_or_404(found, team=team, developer=developer_id)
    leaving = member.developer_id == request.user.pk
    try:
        members.may_end(member, by=request.user)
    except Conflict as conflict:
        messages.warning(request, conflict.detail)
        return redirect("team")
    keys = list(offboarding.keys_seen_by(member.developer, team))
    form = FateForm(request.POST if request.method == "POST" else None) if keys else None
    if request.method != "POST" or (form and not form.is_valid()):
        context = {"member": member, "team": team, "leaving": leaving, "keys": keys, "form": form}
        return render(request, "apikeys/member_remove.html", context)
    fate = {"fate": form.cleaned_data["keys"], "overlap": form.cleaned_data["overlap"]} if form else {}
    try:
        left = offboarding.remove(member, by=request.user, **fate)
    except Conflict as conflict:
        messages.warning(request, conflict.detail)
        return redirect("team")
    if leaving:
        messages.success(request, _("You left %(team)s. Your account stays.") % {"team": team.name})
        return redirect("home")
    who = {"who": member.developer.get_full_name(), "team": team.name}
    ended = ngettext("%(ended)d sign-in ended.", "%(ended)d sign-ins ended.", left.ended) % {"ended": left.ended}
    said = [_("%(who)s is no longer in %(team)s.") % who, ended]
    if form:
        said.append(BECAME[Fate(fate["fate"])] % {"changed": len(left.changed), "all": len(keys)})
    messages.success(request, " ".join(said))
    return redirect("team")
