"""`/docs/`: the index, each page as HTML and as Markdown, the search, and `/llms.txt`."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from openwearables.docs.catalog import GROUPS, Page, pages
from openwearables.docs.rendering import rendered
from openwearables.docs.searching import LONGEST, search
from openwearables.docs.text import markdown_of


def navigation() -> list[tuple[str, list[Page]]]:
    """[(heading, its pages)]."""
    return [(group, [pages()[slug] for slug, _ in rows]) for group, rows in GROUPS]


def _page(slug: str) -> Page:
    try:
        return pages()[slug]
    except KeyError:
        raise Http404 from None


@require_safe
def slashless(request):
    """GET /docs"""
    return redirect("docs")


@require_safe
def index(request):
    """GET /docs/"""
    return render(request, "docs/index.html", {"groups": navigation()})


@require_safe
def page(request, slug):
    """GET /docs/{slug}; needs neither sign-in nor database."""
    here, order = _page(slug), list(pages().values())
    place = order.index(here)
    return render(
        request,
        "docs/page.html",
        {
            "groups": navigation(),
            "page": here,
            "content": rendered(here),
            "before": order[place - 1] if place else None,
            "after": order[place + 1] if place + 1 < len(order) else None,
        },
    )


@require_safe
def as_markdown(request, slug):
    """GET /docs/{slug}.md"""
    return _markdown(markdown_of(_page(slug), for_machines=True))


def _markdown(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/markdown; charset=utf-8")


@require_safe
def find(request):
    """GET /docs/search?q="""
    asked = request.GET.get("q", "")[:LONGEST].replace("\0", "").strip()
    return render(request, "docs/search.html", {"groups": navigation(), "asked": asked, "hits": search(asked)})


@require_safe
def llms(request):
    """GET /llms.txt (llmstxt.org): what there is to read, each as Markdown."""
    lines = [
        "# Open Wearables",
        "",
        "> Sign in as a developer, or read wearable data with an API key. The API is below "
        f"{settings.SITE_URL}/api/v1; a key goes into the header X-Open-Wearables-API-Key.",
        "",
    ]
    for group, found in navigation():
        lines += [f"## {group}", ""]
        lines += [f"- [{page.title}]({settings.SITE_URL}{page.url}.md): {page.summary}" for page in found]
        lines += [""]
    lines += ["## Schema", "", f"- [OpenAPI 3.1]({settings.SITE_URL}/api/v1/openapi.json): every call, with examples."]
    lines += ["", "## Optional", ""]
    decisions = [page for page in pages().values() if not page.group]
    lines += [f"- [{page.title}]({settings.SITE_URL}{page.url}.md)" for page in decisions]
    return _markdown("\n".join(lines) + "\n")
