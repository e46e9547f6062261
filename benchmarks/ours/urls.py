"""The product's url map, and /api/v1/nothing: the whole stack around a constant answer."""

from django.urls import path

from apikeys.permissions import KeyOrDeveloper
from apikeys.scopes import Scope
from openwearables import urls
from openwearables.urls import handler400, handler403, handler404, handler500
from protocol.answer import Answer
from protocol.endpoint import Call, Endpoint

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


class Nothing(Endpoint):
    """For a key with the scope or a developer, as GET /users is; asks the database nothing itself."""

    permission_classes = (KeyOrDeveloper,)
    calls = {"GET": Call("nothing", answers={200: None}, scope=Scope.USERS_READ)}

    def get(self, request):
        """The constant."""
        return Answer({"ok": True})


urlpatterns = [path("api/v1/nothing", Nothing.as_view()), *urls.urlpatterns]
