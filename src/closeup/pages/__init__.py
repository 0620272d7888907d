"""Self-contained HTML pages with a shared environment, frame and style.

A page's own template lies in the folder ``templates`` of its package and extends
``page.html.j2``, which has the blocks ``head``, ``title``, ``style`` and ``body``. Tables of
figures are styled by including ``figures.css`` in ``style``.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any


def render(
    package: str,
    template: str,
    values: Mapping[str, Any],
    filters: Mapping[str, Callable[..., str]] | None = None,
) -> str:
    """Render a template; text is escaped, and a missing value is an error.

    Args:
        package: Full name of the package whose folder ``templates`` holds the template.
        template: File name of the template.
        values: Values by the template's names.
        filters: Additional template filters, besides ``percent`` (a share as ``12.34 %``).

    Raises:
        jinja2.TemplateError: the template is invalid, or uses a missing value.

    """
    # Late, since most runs of a command write no page, or one at their end.
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(__name__)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=_percent, **(filters or {}))
    return environment.get_template(template).render(values)


def jpeg_uri(jpeg: bytes) -> str:
    """Return the content of a JPEG file as the ``src`` of an ``img``."""
    return f"data:image/jpeg;base64,{b64encode(jpeg).decode('ascii')}"


def _percent(share: float) -> str:
    return f"{share * 100:.2f} %"
