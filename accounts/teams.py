"""Which team a call is about, and whether its role allows it: one rule for every surface."""

from rest_framework.exceptions import ValidationError
from rest_framework.fields import empty

from accounts.models import Developer, Team
from accounts.models.team import MANAGING
from protocol.problems import Forbidden
from protocol.serializers import IdField


class TeamField(IdField):
    """The Team that a developer names; left out, the home team, or nothing with `home=False`.

    Unknown and foreign alike are `not_found`; left out by one who left home it is `required`.
    """

    default_error_messages = {
        "not_found": "There is no such team, or it is not yours.",
        "left_home": "You have left your home team: say which team.",
    }

    def __init__(self, *, home: bool = True):
        self.home = home
        super().__init__(required=False)

    def run_validation(self, data=empty):
        """A Team of the developer behind the request."""
        if data is empty and self.home:
            return self._home()
        return super().run_validation(data)

    def to_internal_value(self, data):
        """Find it among the developer's own."""
        team = Team.objects.of(self.developer).filter(pk=super().to_internal_value(data)).first()
        return team or self.fail("not_found")

    @property
    def developer(self) -> Developer:
        """Who asks."""
        return self.context["request"].user

    def _home(self) -> Team:
        team = self.developer.present_home_team()
        if team is None:
            raise ValidationError(self.error_messages["left_home"], "required")
        return team


def require_managing(developer: Developer, team_id) -> None:
    """Raise Forbidden for a viewer, who only reads."""
    if developer.role_in(team_id) not in MANAGING:
        raise Forbidden("Viewers only read: ask an owner or admin of the team for another role.")
