"""HTML pages that need nothing but themselves: one environment, one frame, one style for all.

A page's own template lies in the folder ``templates`` of its package and extends
``page.html.j2``, which has the blocks ``head``, ``title``, ``style`` and ``body``. Tables of
figures are styled by including ``figures.css`` in ``style``.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


def render(
    package: str,
    template: str,
    values: Mapping[str, Any],
    filters: Mapping[str, Callable[..., str]] | None = None,
) -> str:
    """Fill a template in; text is escaped, and a value that is missing is an error.

    Args:
        package: Full name of the package whose folder ``templates`` holds the template.
        template: Its file name.
        values: What it shows, by the template's names.
        filters: Own ways to write a value, besides ``percent`` (a share as ``12.34 %``).

    Raises:
        jinja2.TemplateError: the template is wrong, or uses a value that is missing.

    """
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
    """The content of a JPEG file as the ``src`` of an ``img``."""
    return f"data:image/jpeg;base64,{b64encode(jpeg).decode('ascii')}"


def _percent(share: float) -> str:
    return f"{share * 100:.2f} %"
