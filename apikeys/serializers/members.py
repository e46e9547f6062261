"""What ending a membership takes."""

from accounts.serializers.teams import TeamQuery
from apikeys.offboarding import DEFAULT_OVERLAP, LONGEST_OVERLAP, Fate
from protocol.serializers import ChoiceField, NumberField


class Leaving(TeamQuery):
    """Which team, and what becomes of the live keys whose text the member saw."""

    keys = ChoiceField(Fate.values, default=Fate.KEEP)
    overlap_seconds = NumberField(min_value=0, max_value=LONGEST_OVERLAP, default=DEFAULT_OVERLAP)
