"""`/docs/reference`: every call to try out, made from the schema by Swagger UI, whose files we serve ourselves."""

from drf_spectacular.views import SpectacularSwaggerSplitView


class ReferenceView(SpectacularSwaggerSplitView):
    """drf-spectacular's split view (page and script apart, as our policy wants it) in the look of the other pages."""

    template_name = "docs/reference.html"
    template_name_js = "docs/reference.js"
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    title = "API reference"
