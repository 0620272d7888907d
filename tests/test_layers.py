"""Imports go one way: a package may import only what stands below it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "closeup"

DATA_TYPES = [
    "errors", "timecode", "geometry", "frames", "faces", "persons", "eyes", "tracks", "camera_path",
    "labels", "progress", "settings", "similarity", "atomic", "background", "cohort",
    "embedding_calibration",
]  # fmt: skip
LAYERS = [
    DATA_TYPES,
    ["files", "pages"],
    ["protocols"],
    ["parts"],
    ["models"],
    [
        "media",
        "drawing",
        "detection",
        "landmarks",
        "tracking",
        "formats",
        "executors",
        "metrics",
        "store",
    ],
    ["identity"],
    ["pupils"],
    ["opening"],
    ["open_models"],
    ["fancam", "evaluation", "effects", "labelling", "collection", "training"],
    ["testing"],
    ["scenes"],
    ["pipeline"],
    ["__init__"],
    ["cli", "web"],
    ["__main__"],
]
HEIGHT = {package: height for height, layer in enumerate(LAYERS) for package in layer}
FILES = sorted(SOURCE.rglob("*.py"))


def package_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return parts[0]


def imported_packages(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            names = [node.module or ""]
            if node.module == "closeup":
                names = [f"closeup.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            top, _, rest = name.partition(".")
            if top == "closeup":
                child = rest.split(".")[0]
                found.add(child if child in HEIGHT else "__init__")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_file_imports_only_from_below(path: Path) -> None:
    own = package_of(path)
    assert own in HEIGHT, f"{own} has no place in LAYERS"
    for other in imported_packages(path) - {own}:
        allowed = HEIGHT[other] < HEIGHT[own] or (own in DATA_TYPES and other in DATA_TYPES)
        assert allowed, f"{path.relative_to(SOURCE)} imports {other}, which is not below {own}"


def test_data_types_have_no_cycle() -> None:
    graph = {
        name: imported_packages(SOURCE / f"{name}.py") & set(DATA_TYPES)
        for name in DATA_TYPES
        if (SOURCE / f"{name}.py").exists()
    }
    done: set[str] = set()
    while graph:
        free = [name for name, needs in graph.items() if needs <= done]
        assert free, f"a cycle among {sorted(graph)}"
        done.update(free)
        for name in free:
            del graph[name]


def test_no_file_is_named_after_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not [path for path in FILES if path.stem in empty or path.parent.name in empty]
