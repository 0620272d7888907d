from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest

from closeup.pages import jpeg_uri, render

RESULT: dict[str, Any] = {
    "result": {"photos": 3, "detector": "<any>", "calibrated": [], "methods": {}},
    "methods": [], "misses": {}, "truth": None,
}  # fmt: skip


def test_a_page_has_the_common_frame_and_style() -> None:
    page = render("closeup.evaluation", "pupils.html.j2", RESULT)
    assert page.startswith('<!doctype html>\n<html lang="en">')
    assert page.rstrip().endswith("</html>")
    assert "<title>Evaluation of pupils</title>" in page
    assert page.count("<style>") == 1
    assert "body {\n  margin: 0 auto; max-width: var(--wide)" in page
    assert '"Segoe UI"' in page
    assert "border-collapse" in page


def test_text_is_escaped() -> None:
    assert "Faces that &lt;any&gt; missed" in render("closeup.evaluation", "pupils.html.j2", RESULT)


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError, match="result"):
        render("closeup.evaluation", "pupils.html.j2", {})
    with pytest.raises(jinja2.TemplateNotFound):
        render("closeup.evaluation", "none.html.j2", {})


def test_a_jpeg_in_the_page() -> None:
    assert jpeg_uri(b"\xff\xd8") == "data:image/jpeg;base64,/9g="


def test_a_page_of_another_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    templates = tmp_path / "own_pages" / "templates"
    templates.mkdir(parents=True)
    (tmp_path / "own_pages" / "__init__.py").touch()
    (templates / "hello.html.j2").write_text(
        '{% extends "page.html.j2" %}'
        "{% block title %}Hello{% endblock %}"
        '{% block style %}{% include "figures.css" %}{% endblock %}'
        "{% block body %}<h1>{{ name }}, {{ share|percent }}, {{ share|tenth }}</h1>{% endblock %}",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    values = {"name": "Grace & Eileen", "share": 0.5}
    page = render("own_pages", "hello.html.j2", values, {"tenth": lambda share: f"{share:.1f}"})
    assert "<title>Hello</title>" in page
    assert "<h1>Grace &amp; Eileen, 50.00 %, 0.5</h1>" in page
    assert page.count("<style>") == 1
    assert "border-collapse" in page
