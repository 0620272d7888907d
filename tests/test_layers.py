"""The shape of the house: imports go one way, rooms are whole, functions are short.

LAYERS is the order in which to read the package, from the data types up. A room may import only
what stands in a layer below it; inside ``pipeline`` the same holds for its rooms.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "closeup"

DATA_TYPES = [
    "errors", "timecode", "geometry", "identities", "frames", "faces", "detections", "eyes",
    "tracks", "camera_path", "labels", "annotations", "progress", "settings", "similarity",
    "background", "cohort", "embedding_calibration", "rotation", "linear_programmes", "sliding",
]  # fmt: skip
LAYERS = [
    DATA_TYPES,
    ["files"],
    ["pages"],
    ["protocols"],
    ["parts", "executors"],
    ["models"],
    ["media", "drawing", "detection", "landmarks", "tracking", "metrics", "store"],
    ["identity", "formats"],
    ["pupils"],
    ["opening"],
    ["open_models"],
    ["synthesis"],
    ["labelling"],
    ["fancam", "effects", "acquisition", "collection", "datasets", "evaluation", "training"],
    ["testing"],
    ["pipeline"],
    ["__init__"],
    ["web", "window"],
    ["cli"],
    ["__main__"],
]
PIPELINE = [
    ["search"],
    ["people"],
    ["datasets", "evaluation", "collection"],
    ["training"],
    ["fancams"],
    ["effects"],
    ["labelling"],
    ["loop"],
]
"""The rooms of ``pipeline``, lowest first."""

SMALL = 60
"""Lines; a smaller file needs two importers, a protocol that it implements, or a reason here."""
REASONS = {
    "__main__": "python -m closeup",
    "effects.bigger_eyes": "one file an effect",
    "identity.sface": "one file an embedder, as one file a detector",
    "training.rescoring.export": "one file a kind of network, as the other exports",
    "store.migrating": "imports Alembic, which only a new or older store needs",
    "store.migrations.env": "the entry that Alembic looks for",
    "pipeline.fancams.demo": "the use case of closeup demo",
}

CARRIERS = {
    "Faces": "the faces of a picture",
    "Detections": "what any other detector found in a picture",
    "PictureLabels": "the labels of a picture",
    "FaceLabel": "a labelled face in a table of many pictures",
    "SeenFace": "a face in the file of clustered people",
    "Annotation": "an object of a picture as any label file has it, without arrays",
}
"""Classes with boxes and what belongs to them; a new one must differ from all of these."""
COLUMNS = {"score", "scores", "classes", "labels", "points"}
NO_PICTURES = {"Tracklet", "Mark", "LabelSchema", "LabelColumns", "CvatShape"}
"""Boxes over time; what is drawn; what is to be labelled; columns of a table; a shape of a file."""

LONGEST = 25
"""Lines that nine of ten functions keep."""


def module_of(path: Path) -> str:
    """Its name below ``closeup``."""
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


FILES = {module_of(path): path for path in sorted(SOURCE.rglob("*.py"))}
TREES = {module: ast.parse(path.read_text()) for module, path in FILES.items()}


def imports(module: str) -> Iterator[str]:
    """The modules below ``closeup`` that a module imports; a bare room for what it exports."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: write imports in full"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            top, _, rest = name.partition(".")
            if top == "closeup":
                yield next(
                    (part for part in (rest, rest.rpartition(".")[0]) if part in FILES), "__init__"
                )


IMPORTS = {module: set(imports(module)) for module in FILES}


def heights(layers: list[list[str]]) -> dict[str, int]:
    return {room: height for height, layer in enumerate(layers) for room in layer}


HEIGHTS, PIPELINE_HEIGHTS = heights(LAYERS), heights(PIPELINE)


@pytest.mark.parametrize("module", FILES)
def test_a_file_imports_only_from_below(module: str) -> None:
    own = module.partition(".")[0]
    assert own in HEIGHTS, f"{own} has no place in LAYERS"
    for other in IMPORTS[module]:
        room = other.partition(".")[0]
        allowed = room == own or HEIGHTS[room] < HEIGHTS[own] or {room, own} <= set(DATA_TYPES)
        assert allowed, f"{module} imports {other}, which is not below {own}"


@pytest.mark.parametrize("module", [module for module in FILES if module.startswith("pipeline.")])
def test_a_use_case_imports_only_from_rooms_below(module: str) -> None:
    own = module.split(".")[1]
    assert own in PIPELINE_HEIGHTS, f"pipeline/{own} has no place in PIPELINE"
    for other in IMPORTS[module]:
        if other.startswith("pipeline."):
            room = other.split(".")[1]
            allowed = room == own or PIPELINE_HEIGHTS[room] < PIPELINE_HEIGHTS[own]
            assert allowed, f"{module} imports {other}, which is not below pipeline/{own}"


def test_pipeline_holds_rooms_only() -> None:
    files = [path.name for path in (SOURCE / "pipeline").glob("*.py")]
    rooms = [
        path for path in (SOURCE / "pipeline").iterdir() if path.is_dir() and path.name[0] != "_"
    ]
    assert files == ["__init__.py"]
    assert len(rooms) <= 10


def test_no_module_imports_itself_through_others() -> None:
    assert not unordered({module: IMPORTS[module] - {module} for module in FILES})


def unordered(graph: Mapping[str, set[str]]) -> list[str]:
    """Modules on a cycle, or above one."""
    left = {name: needs & graph.keys() for name, needs in graph.items()}
    while free := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in free:
            del left[name]
    return sorted(left)


def test_small_files_have_a_reason() -> None:
    importers = defaultdict(set)
    for module, others in IMPORTS.items():
        for other in others:
            importers[other].add(module)
    small = [
        module
        for module, path in FILES.items()
        if path.name != "__init__.py"
        and len(path.read_text().splitlines()) < SMALL
        and len(importers[module]) < 2
        and not implements_a_protocol(module)
        and not module.startswith("cli.")  # one command a file
    ]
    assert set(small) == set(REASONS)


def implements_a_protocol(module: str) -> bool:
    """Whether a class of the module is derived from one of ``closeup.protocols``."""
    known = {node.name for node in TREES["protocols"].body if isinstance(node, ast.ClassDef)}
    bases = {
        base.id
        for node in TREES[module].body
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if isinstance(base, ast.Name)
    }
    return bool(bases & known)


def test_nine_of_ten_functions_are_short() -> None:
    lengths = sorted(
        node.end_lineno - node.lineno + 1
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None
    )
    assert lengths[len(lengths) * 9 // 10] <= LONGEST


def test_no_file_is_named_after_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not [path for path in FILES.values() if {path.stem, path.parent.name} & empty]


def test_detections_and_labels_have_one_class_each() -> None:
    found = set()
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not module.startswith("training."):
                columns = {
                    part.target.id
                    for part in node.body
                    if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
                }
                if columns & {"box", "boxes"} and columns & COLUMNS and node.name[0] != "_":
                    found.add(node.name)
    assert found == CARRIERS.keys() | NO_PICTURES


def test_a_class_name_means_one_thing() -> None:
    classes = Counter(
        node.name
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name[0] != "_"
    )
    assert not [name for name, count in classes.items() if count > 1]
