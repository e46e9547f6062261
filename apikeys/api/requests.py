"""The REST surface of the request log: what was asked lately, and why it was refused."""

from accounts.permissions import DeveloperOnly
from apikeys.models import RequestRecord
from apikeys.serializers import RequestQuery, RequestSerializer
from protocol.answer import Answer
from protocol.endpoint import Call, Endpoint
from protocol.pages import MAX_PAGE, list_response
from protocol.problems import NotFound

FILTERS = ("key", "status", "code", "since", "until")


class RequestListView(Endpoint):
    """GET /requests"""

    permission_classes = (DeveloperOnly,)
    calls = {"GET": Call("list_requests", query=RequestQuery, answers={200: RequestSerializer(many=True)})}

    def get(self, request):
        """The recent requests of the caller's teams, newest first; a few seconds late."""
        found = RequestRecord.objects.of(request.user)
        if "team" in self.query:
            found = found.filter(team_id=self.query["team"].pk)
        asked = {name: self.query[name] for name in FILTERS if name in self.query}
        return list_response(self, found.asked(**asked), RequestSerializer)


class RequestView(Endpoint):
    """GET /requests/{request id}"""

    permission_classes = (DeveloperOnly,)
    calls = {"GET": Call("get_request", answers={200: RequestSerializer(many=True)}, refusals=(404,))}

    def get(self, request, request_id):
        """The requests behind an id, newest first: callers may choose theirs, so there can be several."""
        found = RequestRecord.objects.of(request.user).behind(request_id).order_by("-created_at", "-pk")[:MAX_PAGE]
        if not found:
            raise NotFound("No request of your teams has this id, or it is not kept any more.")
        return Answer(RequestSerializer(found, many=True).data)
