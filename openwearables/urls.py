"""The three doors: the API, the admin, the portal."""

from django.conf import settings
from django.urls import include, path

from openwearables.admin import site

urlpatterns = [
    path("api/v1/", include("openwearables.api_urls")),
    path(settings.ADMIN_PATH, site.urls),
    path("", include("openwearables.portal_urls")),
]

handler400 = "openwearables.errors.bad_request"
handler403 = "openwearables.errors.permission_denied"
handler404 = "openwearables.errors.not_found"
handler500 = "openwearables.errors.server_error"
