"""The REST surface of leaks: whoever finds a key says so, and needs no credential for it."""

from django.conf import settings

from accounts.serializers import Message
from apikeys import leaks
from apikeys.serializers import Report
from protocol.answer import Answer
from protocol.endpoint import Call, Endpoint

THANKS = "Thank you. If this is a key of ours, it is dealt with now and its team is told."


class ReportView(Endpoint):
    """POST /api-keys/report"""

    authentication_classes = ()
    permission_classes = ()
    calls = {"POST": Call("report_api_key", body=Report, answers={202: Message})}

    def check_throttles(self, request):
        """By address: nobody is known here who could have a limit of their own."""
        leaks.count_report(request._request.caller.counted)

    def post(self, request):
        """Take a key as leaked; the answer is the same whatever the text was."""
        found = leaks.first_in(self.body["key"])
        key = found and leaks.proved(found)
        if key:
            leaks.take(
                key,
                leaks.Leak.REPORTED,
                by=None,
                revoke=settings.REVOKE_REPORTED_KEYS,
                source=self.body["source"],
            )
        return Answer({"message": THANKS}, status=202)
