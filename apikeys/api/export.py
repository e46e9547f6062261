"""A developer's own data, as a file."""

from accounts.permissions import DeveloperOnly
from apikeys.export import everything_about
from apikeys.serializers import DeveloperExport
from protocol.downloads import json_file
from protocol.endpoint import Call, Endpoint


class MyExportView(Endpoint):
    """GET /auth/me/export"""

    permission_classes = (DeveloperOnly,)
    calls = {"GET": Call("export_me", answers={200: DeveloperExport})}

    def get(self, request):
        """All that is held about the developer who is calling."""
        return json_file("my-open-wearables-data", everything_about(request.user))
