"""The web app manifest (W3C): what a telephone needs to keep freetemp among its apps."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

MAX_AGE_S = 3600
GROUND = "#f5f6f8"  # While it starts. Pages name a colour for light and one for dark; a manifest has only one.
ICONS = (("icon-192.png", 192, "any"), ("icon-512.png", 512, "any"), ("icon-maskable-512.png", 512, "maskable"))


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Answer with the manifest of the first page."""
    response = manifest_from(reverse("home"))
    patch_cache_control(response, public=True, max_age=MAX_AGE_S)
    return response


def manifest_from(start: str) -> JsonResponse:
    """Return the manifest of an app that begins at an address. By its `id` it is the same app, wherever it begins."""
    home = reverse("home")
    icons = [
        {"src": static(f"img/{name}"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for name, size, purpose in ICONS
    ]
    content = {
        "id": home,
        "name": "freetemp",
        "short_name": "freetemp",
        "start_url": start,
        "scope": home,
        "display": "standalone",
        "theme_color": GROUND,
        "background_color": GROUND,
        "icons": icons,
    }
    return JsonResponse(content, content_type="application/manifest+json")
