"""Which of a developer's teams a browser looks at: the one chosen in the switcher, else the home team, else the first.

The choice is kept in the browser's session and counts only as long as its developer is a member.
"""

from django.utils.functional import SimpleLazyObject

from accounts.models import Team

CHOSEN = "team"


def current_team(request) -> Team | None:
    """The team of this browser; None for a developer who is in no team. One query a request."""
    teams = my_teams(request)
    by_id = {str(team.pk): team for team in teams}
    for wanted in (request.session.get(CHOSEN), str(request.user.home_team_id)):
        if wanted in by_id:
            return by_id[wanted]
    return teams[0] if teams else None


def my_teams(request) -> list[Team]:
    """The teams of who is signed in, the oldest first."""
    if not hasattr(request, "my_teams"):
        request.my_teams = list(Team.objects.for_browser(request.user))
    return request.my_teams


def choose(request, team: Team) -> None:
    """Look at this team from now on."""
    request.session[CHOSEN] = str(team.pk)


def in_templates(request) -> dict:
    """For the switcher: asked of the database only where a page shows it."""
    return {
        "my_teams": SimpleLazyObject(lambda: my_teams(request)),
        "current_team": SimpleLazyObject(lambda: current_team(request)),
    }
