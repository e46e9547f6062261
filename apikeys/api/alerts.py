"""The REST surface of alerts: what was unusual, and of what nobody wants mail any more."""

from django.shortcuts import get_object_or_404

from accounts import alerts
from accounts.models import Alert, AlertMute, Team
from accounts.permissions import DeveloperOnly
from accounts.teams import require_managing
from apikeys.serializers import AlertChange, AlertQuery, AlertSerializer, MuteQuery, MuteSerializer, NewMute
from protocol.answer import Answer
from protocol.endpoint import Call, Endpoint
from protocol.pages import list_response

FILTERS = {"team": "team", "key": "key_id", "kind": "kind"}


class AlertListView(Endpoint):
    """GET /alerts"""

    permission_classes = (DeveloperOnly,)
    calls = {"GET": Call("list_alerts", query=AlertQuery, answers={200: AlertSerializer(many=True)})}

    def get(self, request):
        """The alerts of the caller's teams, newest first; a few seconds late, those about whole hours a minute."""
        asked = {FILTERS[name]: value for name, value in self.query.items() if name in FILTERS}
        return list_response(self, Alert.objects.of(request.user).filter(**asked).with_mutes(), AlertSerializer)


class AlertView(Endpoint):
    """GET, PATCH /alerts/{id}"""

    permission_classes = (DeveloperOnly,)
    calls = {
        "GET": Call("get_alert", answers={200: AlertSerializer}, refusals=(404,)),
        "PATCH": Call("update_alert", body=AlertChange, answers={200: AlertSerializer}, refusals=(404,)),
    }

    def alert(self, request, alert_id) -> Alert:
        """An alert of the caller's teams: 404 for any other."""
        return get_object_or_404(Alert.objects.of(request.user).with_mutes(), pk=alert_id)

    def get(self, request, alert_id):
        """One alert."""
        return Answer(AlertSerializer(self.alert(request, alert_id)).data)

    def patch(self, request, alert_id):
        """Mute alerts of this kind about this key, or mail them again; a mute of the whole team stays as it is."""
        alert = self.alert(request, alert_id)
        require_managing(request.user, alert.team_id)
        if "muted" in self.body:
            switch = alerts.mute if self.body["muted"] else alerts.unmute
            switch(by=request.user, team_id=alert.team_id, subject_id=alert.subject_id, kind=alert.kind)
        return Answer(AlertSerializer(self.alert(request, alert_id)).data)


class MuteListView(Endpoint):
    """GET, POST /alert-mutes"""

    permission_classes = (DeveloperOnly,)
    calls = {
        "GET": Call("list_alert_mutes", query=MuteQuery, answers={200: MuteSerializer(many=True)}),
        "POST": Call("create_alert_mute", body=NewMute, answers={201: MuteSerializer}),
    }

    def get(self, request):
        """What is muted in a team, newest first."""
        return list_response(self, AlertMute.objects.filter(team=self.query["team"]), MuteSerializer)

    def post(self, request):
        """Mute a kind, of one key or of the whole team; again the same answer."""
        team = self.body["team"]
        require_managing(request.user, team.pk)
        row = alerts.mute(team_id=team.pk, kind=self.body["kind"], subject_id=self.body["key"], by=request.user)
        return Answer(MuteSerializer(row).data, status=201)


class MuteView(Endpoint):
    """DELETE /alert-mutes/{id}"""

    permission_classes = (DeveloperOnly,)
    calls = {"DELETE": Call("delete_alert_mute", answers={204: None}, refusals=(404,))}

    def delete(self, request, mute_id):
        """Mail these alerts again."""
        mine = Team.objects.of(request.user).values("pk")
        row = get_object_or_404(AlertMute.objects.filter(team_id__in=mine), pk=mute_id)
        require_managing(request.user, row.team_id)
        alerts.unmute(team_id=row.team_id, kind=row.kind, subject_id=row.subject_id, by=request.user)
        return Answer(None, status=204)
