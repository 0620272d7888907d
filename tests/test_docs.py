"""What the documentation says is true: examples run, options exist, models are as described."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer import Context
from typer.core import TyperOption

from closeup.cli.app import app
from closeup.cli.lazy import Command, LazyGroup
from closeup.fancam.coordinates import COLUMNS, YOLO_COLUMNS
from closeup.formats.annotation_format import AnnotationFormat, Aspect
from closeup.formats.annotation_formats import ANNOTATION_FORMATS
from closeup.models.catalog import CATALOGUE, ModelEntry, find
from closeup.pipeline.search.tables import FACE_COLUMNS, PUPIL_COLUMNS
from tests.conftest import REPOSITORY

DOCS = REPOSITORY / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), REPOSITORY / "CHANGELOG.md"])
WITH_CODE = [page for page in PAGES if "```python" in page.read_text(encoding="utf-8")]


def name(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


def code(page: Path) -> str:
    """The page as a script: its Python, each line where it is on the page."""
    inside = False
    lines = []
    for line in page.read_text(encoding="utf-8").splitlines():
        fence = line.startswith("```")
        lines.append(line if inside and not fence else "")
        inside = line == "```python" or (inside and not fence)
    return "\n".join(lines)


@pytest.mark.parametrize("page", WITH_CODE, ids=name)
def test_the_examples_run(
    page: Path, small_stage: Path, shared_data: Path, shared_models: Path, tmp_path: Path
) -> None:
    (tmp_path / "stage.mp4").symlink_to(small_stage)
    (tmp_path / "members").symlink_to(small_stage.parent / "members")
    script = tmp_path / page.name
    script.write_text(code(page).replace("\nstep = 1 ", "\nstep = 40 "), encoding="utf-8")
    places = {"CLOSEUP_MODELS": str(shared_models), "CLOSEUP_TEST_DATA": str(shared_data)}
    ran = subprocess.run(
        [sys.executable, "-W", "error", script],
        cwd=tmp_path,
        env={**os.environ, **places},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Warning" not in ran.stderr


def test_the_walk_imports_nothing_but_closeup() -> None:
    imports = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(code(DOCS / "python.md")))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert imports == ["import closeup as cu"]


@pytest.mark.parametrize("page", WITH_CODE, ids=name)
def test_no_example_imports_a_submodule(page: Path) -> None:
    modules = [
        node.module
        for node in ast.walk(ast.parse(code(page)))
        if isinstance(node, ast.ImportFrom) and node.module
    ]
    inner = [module for module in modules if module.startswith("closeup.")]
    assert inner == (["closeup.pages"] if page.stem == "architecture" else [])  # for our own pages


OPTION_PAGES = {
    "fancam": "fancams#Options",
    "faces": "faces#Options",
    "align": "alignment#Options",
    "evaluate lfw": "evaluation#Options",
    "evaluate pupils": "pupil-evaluation#Options",
    "calibrate pupils": "pupil-evaluation#Calibration",
    "calibrate identity": "identity#Calibration",
    "verify": "identity#Two photos",
    "identify": "identity#Who is on a picture",
    "enrol": "identity#Galleries",
    "cluster": "clusters#Options",
    "collect video": "collecting#Which frames",
    "collect people": "collecting#Sort by member",
    "collect clean": "collecting#Clean",
    "dataset import": "datasets#Options",
    "dataset eyes": "eye-dataset#Options",
    "dataset scenes": "face-scenes#Options",
    "dataset members": "member-sets#Options",
    "pupils": "pupils#Options",
    "train pupils": "training-pupils#Options",
    "train faces": "training-detectors#Options",
    "train members": "training-detectors#Options",
    "train rescorer": "training-detectors#A second look",
    "train identity": "training-identity#Options",
    "label": "label-commands#Options of label",
    "review": "label-commands#Options of review",
    "next": "active-learning#Options",
    "labels import": "label-commands#Import",
    "labels export": "label-commands#Export",
    "labels check": "label-commands#Check",
    "labels agreement": "label-commands#Figures",
    "experiment coarse-to-fine": "experiments/coarse-to-fine#Options",
    "experiment active": "experiments/active#Options",
    "experiment facenet": "experiments/facenet#Options",
}
"""Page and heading of the table of a command's options."""


def options(command: str) -> set[str]:
    """All spellings of a command's options but the former ones, which are hidden."""
    found: Command = app
    for word in command.split():
        assert isinstance(found, LazyGroup)
        _, found, _ = found.resolve_command(Context(found), [word])
    given = [
        option for option in found.params if isinstance(option, TyperOption) and not option.hidden
    ]
    return {text for option in given for text in (*option.opts, *option.secondary_opts)}


@pytest.mark.parametrize(("command", "place"), OPTION_PAGES.items())
def test_every_option_is_documented_and_every_documented_one_exists(
    command: str, place: str
) -> None:
    page, _, heading = place.partition("#")
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    table = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `--")]
    assert set(re.findall(r"--[a-z0-9-]+", "".join(rows))) == options(command) - {"--help"}
    of_page = [options(c) for c, place in OPTION_PAGES.items() if place.startswith(f"{page}#")]
    assert set(re.findall(r"`(--[a-z0-9-]+)", text)) <= set.union(*of_page)


def test_the_columns_are_those_of_the_files() -> None:
    text = (DOCS / "fancams.md").read_text(encoding="utf-8")
    assert f"\n    {','.join(COLUMNS)}\n" in text
    assert f"`{','.join(YOLO_COLUMNS)}`" in text
    text = (DOCS / "faces.md").read_text(encoding="utf-8")
    assert f"\n    {','.join(FACE_COLUMNS)},p0_x,p0_y," in text
    text = (DOCS / "pupils.md").read_text(encoding="utf-8")
    assert f"\n    {','.join(PUPIL_COLUMNS)}\n" in text


def row_of(form: AnnotationFormat) -> str:
    """What the page says of a format, in the order of the columns."""
    lost = "; ".join(aspect for aspect in Aspect if aspect not in form.carries) or "nothing"
    return f"| `{form.name}` | {form.title} | {lost} | {form.places:g} | {form.convention} |"


def test_the_table_of_formats_is_what_they_carry() -> None:
    text = (DOCS / "label-formats.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `") and line.count("|") == 6]
    assert sorted(rows) == sorted(map(row_of, ANNOTATION_FORMATS.values()))


MODEL_PAGES = {
    "yunet-n": "yunet",
    "yunet": "yunet",
    "blazeface": "blazeface",
    "mediapipe-468": "mediapipe",
    "mediapipe-iris": "mediapipe",
    "mmod": "mmod",
    "ssd": "ssd",
    "ssd-graph": "ssd",
    "yolox": "yolox",
    "transnetv2": "transnetv2",
    "dlib-128": "dlib-embedding",
    "closeup-128": "closeup-embedding",
    "sface": "sface",
    "dlib-5-points": "dlib-points",
    "dlib-68-points": "dlib-68-points",
    "closeup-pupils": "pupils",
    "closeup-faces": "closeup-faces",
    "closeup-rescorer": "closeup-rescorer",
}


@pytest.mark.parametrize(
    "entry", [e for e in CATALOGUE if e.name in MODEL_PAGES], ids=lambda entry: entry.name
)
def test_a_models_page_says_what_the_catalogue_says(entry: ModelEntry) -> None:
    page = (DOCS / "models" / f"{MODEL_PAGES[entry.name]}.md").read_text(encoding="utf-8")
    for said in (f"`{entry.name}`", entry.file, f"{entry.size:,} bytes", entry.sha256):
        assert said in page
    assert entry.licence in page
    assert f"| commercial use | {'yes' if entry.commercial else 'no'} |" in page


def test_the_other_models_are_named() -> None:
    page = (DOCS / "models" / "README.md").read_text(encoding="utf-8")
    assert {entry.name for entry in CATALOGUE} <= set(re.findall(r"`([a-z0-9-]+)`", page))


def test_the_figures_of_the_pupil_network_are_those_of_the_shipped_file() -> None:
    results = REPOSITORY / "benchmarks" / "results" / "pupil_network.json"
    measured = json.loads(results.read_text(encoding="utf-8"))
    assert measured["sha256"] == find("closeup-pupils").sha256
    own = measured["methods"]["network"]
    low, high = own["interval_0.05"]
    for page in (
        REPOSITORY / "README.md",
        DOCS / "pupil-evaluation.md",
        DOCS / "models" / "pupils.md",
    ):
        text = page.read_text(encoding="utf-8")
        assert f"{own['e_0.05']:.1%}".replace("%", " %") in text, page
        assert f"{100 * low:.1f} to {100 * high:.1f}" in text, page


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Files and headings that a page points to in the repository."""
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text(encoding="utf-8")):
        path, _, heading = target.partition("#")
        yield (page.parent / path if path else page).resolve(), heading


@pytest.mark.parametrize("page", [REPOSITORY / "README.md", *PAGES], ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for path, heading in links(page):
        assert path.exists(), f"{name(page)} points to {path}"
        if heading:
            titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]
            assert heading in anchors, f"{name(page)} points to #{heading} of {path.name}"


def test_no_page_names_a_place_on_somebodys_machine() -> None:
    for page in PAGES:
        assert not re.search(r"(^|[\s`\"(])/\w+/", page.read_text(encoding="utf-8")), page
