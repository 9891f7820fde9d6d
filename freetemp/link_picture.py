"""A link as a picture that a phone's camera reads."""

from __future__ import annotations

from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.debug import sensitive_variables

MODULE_PX = 5


@sensitive_variables()
def qr_code(link: str) -> SafeString:
    """Return a link as an SVG that a camera reads."""
    import segno  # Hardly any process draws one.

    svg = segno.make(link, micro=False, error="m").svg_inline(
        scale=MODULE_PX, border=4, light="#fff", svgclass="qr-code"
    )
    return mark_safe(svg)  # noqa: S308 - segno's own, of squares only
