"""The page of a team: who is in it and as what, who is asked in; another team; which one a browser looks at."""

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import invitations, members
from accounts.current_team import choose, current_team, my_teams
from accounts.forms.teams import InviteForm, TeamForm, roles_up_to
from accounts.models import Invitation, Membership, Role, Team
from accounts.models.team import LEADING, rank
from protocol.pages import page_of, place_in
from protocol.problems import Conflict

PEOPLE = 50  # members a page, and as many invitations


@login_required
def team_switch(request):
    """Look at another of one's teams, on the page where one was."""
    wanted = request.POST.get("next", "")
    back = wanted if get_adapter().is_safe_url(wanted) else "home"
    if request.method == "POST":
        mine = {str(team.pk): team for team in my_teams(request)}
        team = mine.get(request.POST.get("team", ""))
        if team is None:
            raise Http404
        choose(request, team)
    return redirect(back)


def _here(request) -> Team:
    """The team of this page; 404 for who is in none."""
    team = current_team(request)
    if team is None:
        raise Http404
    return team


@login_required
def team(request):
    """The current team: its name, members, roles, invitations."""
    here = current_team(request)
    if here is None:
        return redirect("team-new")
    role = request.user.role_in(here.pk)
    form = TeamForm(request.POST if request.method == "POST" else None, initial={"name": here.name})
    if request.method == "POST":
        members.require_leading(request.user, here.pk)
        if form.is_valid():
            members.rename_team(here, by=request.user, name=form.cleaned_data["name"])
            messages.success(request, _("The team is called %(name)s now.") % {"name": here.name})
            return redirect("team")
    return _page(request, here, role, form=form)


def _page(request, here, role, *, form=None, invite_form=None):
    people = Membership.objects.filter(team=here).select_related("developer").order_by("created_at", "pk")
    place = request.GET.get("page", "")
    page = Paginator(people, PEOPLE).get_page(place if place.isdecimal() else 1)
    leads = role in LEADING
    here_on = place_in(request.GET)
    asked, following = page_of(_open_invitations(here), PEOPLE, here_on) if leads else ([], None)
    within_reach = [Role(name) for name, _ in roles_up_to(role)] if leads else []
    context = {
        "team": here,
        "role": role,
        "leads": leads,
        "page": page,
        "lines": [
            {
                "member": member,
                "me": member.developer_id == request.user.pk,
                "roles": within_reach if rank(member.role) <= rank(role) else [],
            }
            for member in page
        ],
        "invitations": asked,
        "invitations_first": _invitations_from(page, None) if here_on else "",
        "invitations_next": _invitations_from(page, following) if following else "",
        "form": form or TeamForm(initial={"name": here.name}),
        "invite_form": invite_form or InviteForm(role=role),
    }
    return render(request, "accounts/team.html", context)


def _open_invitations(here: Team):
    """Those that wait, the expired among them, with who asked."""
    return here.invitations.open().select_related("invited_by")


def _invitations_from(members_page, cursor: str | None) -> str:
    """The address of a page of invitations beside this page of members."""
    kept = {"page": members_page.number, "cursor": cursor}
    return f"?{urlencode({name: value for name, value in kept.items() if value})}#invite"


@login_required
def team_new(request):
    """Make another team, and look at it."""
    form = TeamForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = members.found_team(by=request.user, name=form.cleaned_data["name"])
        except Conflict as conflict:
            form.add_error(None, conflict.detail)
        else:
            choose(request, made)
            messages.success(request, _("%(name)s is made, and you own it.") % {"name": made.name})
            return redirect("team")
    return render(request, "accounts/team_new.html", {"form": form})


@login_required
def invite(request):
    """Ask somebody into the current team."""
    here = _here(request)
    if request.method != "POST":
        return redirect("team")
    role = members.require_leading(request.user, here.pk)
    form = InviteForm(request.POST, role=role)
    if form.is_valid():
        try:
            asked = invitations.invite(here, by=request.user, **form.cleaned_data)
        except Conflict as conflict:
            form.add_error("email", conflict.detail)
        else:
            said = _("A mail is on its way to %(email)s. Its link works for 7 days.")
            messages.success(request, said % {"email": asked.email})
            return redirect("team")
    return _page(request, here, role, invite_form=form)


def _invitation(request, invitation_id) -> Invitation:
    """An invitation into a team of one's own: 404 for any other, then 403 for who does not lead."""
    mine = Invitation.objects.filter(team__memberships__developer=request.user).select_related("team")
    found = get_object_or_404(mine, pk=invitation_id)
    members.require_leading(request.user, found.team_id)
    return found


@login_required
def invitation_resend(request, invitation_id):
    """Send a new link."""
    found = _invitation(request, invitation_id)
    if request.method == "POST":
        sent = invitations.resend(found, by=request.user)
        said = _("A new mail is on its way to %(email)s; the link of the old one opens nothing any more.")
        gone = _("Nobody waits for the invitation of %(email)s any more. Nothing was sent.")
        (messages.success if sent else messages.warning)(request, (said if sent else gone) % {"email": found.email})
    return redirect("team")


@login_required
def invitation_revoke(request, invitation_id):
    """Take an invitation back."""
    found = _invitation(request, invitation_id)
    if request.method == "POST":
        invitations.revoke(found, by=request.user)
        said = _("The invitation of %(email)s is taken back. Its link opens nothing any more.")
        messages.success(request, said % {"email": found.email})
    return redirect("team")


@login_required
def member_role(request, developer_id):
    """Give a member another role."""
    here = _here(request)
    member = get_object_or_404(Membership.objects.select_related("developer"), team=here, developer=developer_id)
    if request.method != "POST":
        return redirect("team")
    members.require_leading(request.user, here.pk)
    wanted = request.POST.get("role", "")
    if wanted not in Role.values:
        raise Http404
    try:
        changed = members.change_role(member, by=request.user, role=wanted)
    except Conflict as conflict:
        messages.warning(request, conflict.detail)
    else:
        if changed:
            said = _("%(who)s is %(role)s now, from the next page or call on.")
            messages.success(request, said % {"who": member.developer.get_full_name(), "role": wanted})
    return redirect("team")
