"""Every portal page, on one page."""

urlpatterns: list = []
