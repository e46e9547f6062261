"""Which team a call is about, and whether its role allows it: one rule for every surface."""

from accounts.models import Developer, Team
from accounts.models.team import MANAGING
from protocol.problems import Fault, Forbidden, ValidationProblem


def _fault(detail: str, code: str, place: dict[str, str]) -> ValidationProblem:
    return ValidationProblem([Fault(detail, code, **place)])


def team_for(developer: Developer, team_id, **place: str) -> Team:
    """The team that a call names, or the developer's home team.

    Args:
        team_id: what was sent, None when nothing was.
        place: `pointer=` or `parameter=`, where it was or should have been sent.

    Raises:
        ValidationProblem: unknown and foreign alike are `not_found`; nothing sent by one who left home is `required`.
    """
    if team_id is None:
        team = developer.present_home_team()
        if team is None:
            raise _fault("You have left your home team: say which team.", "required", place)
        return team
    team = Team.objects.of(developer).filter(pk=team_id).first()
    if team is None:
        raise _fault("There is no such team, or it is not yours.", "not_found", place)
    return team


def require_managing(developer: Developer, team_id) -> None:
    """Raise Forbidden for a viewer, who only reads."""
    if developer.role_in(team_id) not in MANAGING:
        raise Forbidden("Viewers only read: ask an owner or admin of the team for another role.")
