"""The notebooks are what their sources give, run without errors, and use public names only."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import closeup
from benchmarks.notebooks import (
    FOLDER,
    SOURCES,
    executed,
    pictures,
    read_made,
    read_source,
    results,
)
from tests.test_docs import options

LIBRARIES = {"csv", "cv2", "json", "matplotlib.pyplot", "numpy", "pathlib", "PIL", "tempfile"}
"""What notebooks may import beside ``closeup``."""
MOST_BYTES = 3_000_000

every_notebook = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)


def kinds(notebook: Any) -> list[list[str]]:
    """What each cell shows: text, pictures."""
    return [
        [
            "picture" if any(kind.startswith("image/") for kind in output.get("data", ())) else
            output.output_type
            for output in cell.get("outputs", ())
        ]
        for cell in notebook.cells
    ]  # fmt: skip


def test_every_notebook_has_a_source() -> None:
    assert len(SOURCES) >= 12
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == {path.stem for path in SOURCES}


@every_notebook
def test_the_cells_are_those_of_the_source(source: Path) -> None:
    for made, given in zip(read_made(source).cells, read_source(source).cells, strict=True):
        assert (made.cell_type, made.source, made.id) == (given.cell_type, given.source, given.id)
        assert made.metadata == given.metadata


@every_notebook
def test_it_was_run_from_top_to_bottom_without_errors_and_warnings(source: Path) -> None:
    notebook = read_made(source)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    for cell, output in results(notebook):
        assert output.output_type != "error", cell.source
        assert output.get("name") != "stderr", cell.source
        shown = json.dumps(output.get("text") or output.data.get("text/plain", ""))
        assert not re.search(r"(^|[\s'\"(])/\w+/|site-packages|Traceback", shown), cell.source
    assert len(list(pictures(notebook, "picture"))) == 1


def test_all_of_them_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < MOST_BYTES


@every_notebook
def test_running_it_again_shows_the_same_kinds_of_results(
    source: Path, shared_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOSEUP_MODELS", str(shared_models))
    assert kinds(executed(source)) == kinds(read_made(source))


@every_notebook
def test_it_uses_public_names_only(source: Path) -> None:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = {alias.name: alias.asname for alias in node.names}
            assert names == {"closeup": "cu"} or set(names) <= LIBRARIES
        elif isinstance(node, ast.ImportFrom):
            assert node.module in LIBRARIES
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "cu":
                assert node.attr in dir(closeup)
            elif node.value.id == "testing":
                assert node.attr in closeup.testing.__all__
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "cu.testing":
            assert node.attr in closeup.testing.__all__


def prose(source: Path) -> str:
    return "\n".join(c.source for c in read_source(source).cells if c.cell_type == "markdown")


@every_notebook
def test_links_lead_somewhere(source: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", prose(source)):
        assert (FOLDER / target).resolve().exists(), target


def commands(source: Path) -> Iterator[list[str]]:
    for line in prose(source).splitlines():
        if line.startswith("    closeup "):
            yield line.split()[1:]


@every_notebook
def test_it_ends_with_a_command_that_exists(source: Path) -> None:
    last = prose(source).splitlines()[-1]
    assert last.startswith("    closeup ")
    for words in commands(source):
        wanted = {word for word in words if word.startswith("--")}
        known = options(" ".join(words[: 2 if words[1] in _second_words(words[0]) else 1]))
        assert wanted <= known, words


def _second_words(group: str) -> set[str]:
    """Commands of a group; empty for a command."""
    from typer import Context

    from closeup.cli.app import app
    from closeup.cli.lazy import LazyGroup

    _, found, _ = app.resolve_command(Context(app), [group])
    return set(found.list_commands(Context(found))) if isinstance(found, LazyGroup) else set()


@every_notebook
def test_the_table_of_contents_has_it_with_its_picture(source: Path) -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    title = read_source(source).cells[0].source.splitlines()[0].removeprefix("# ")
    assert f"[{title}]({source.stem}.ipynb)" in page
    assert f"(images/{source.stem}.jpg)" in page
    assert (FOLDER / "images" / f"{source.stem}.jpg").exists()
