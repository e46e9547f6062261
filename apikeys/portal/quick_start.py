"""From a key to a first answer, in the language one has at hand."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.shortcuts import render

from accounts.current_team import current_team
from accounts.models.team import MANAGING
from apikeys.models import ApiKey
from apikeys.snippets import QUICK_START


@login_required
def quick_start(request):
    """Three steps, with this site's address in every command."""
    team = current_team(request)
    context = {
        "snippets": [{"title": one.title, "name": one.name, "code": one.code()} for one in QUICK_START],
        "base_url": f"{settings.SITE_URL}/api/v1",
        "latest": ApiKey.objects.filter(team=team).usable().order_by("-created_at", "-pk").first(),
        "managing": team is not None and request.user.role_in(team.pk) in MANAGING,
    }
    return render(request, "apikeys/quick_start.html", context)
