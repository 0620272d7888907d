"""Tables and pages as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def csv_text(rows: Iterable[Iterable[Any]]) -> str:
    """Rows as CSV with one line feed after each."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def page(template: str, **values: Any) -> str:
    """A page of this package's templates; the filter ``percent`` writes shares."""
    environment = Environment(
        loader=PackageLoader("closeup.evaluation"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = lambda share: f"{share * 100:.2f} %"
    return environment.get_template(template).render(values)
