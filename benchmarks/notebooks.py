"""Executes the notebooks of ``docs/notebooks`` and writes them with their results.

A notebook's source is a Python file in Jupytext's percent format; its ``.ipynb`` is made from it
and never edited. The cell with the tag ``picture`` gives the picture of the table of contents.

    python -m benchmarks.notebooks [NAME ...]
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient
from PIL import Image, ImageChops, ImageStat

from benchmarks.recording import ROOT, settings

FOLDER = ROOT / "docs" / "notebooks"
SOURCES = sorted(FOLDER.glob("[0-9][0-9]_*.py"))

Notebook = Any
"""A notebook of nbformat 4."""

_TIMEOUT = 600
"""Seconds after which a cell counts as hanging."""
_QUALITY = 80
_UNSEEN = 1.0
"""Mean change of a colour channel in levels of 255 that is not seen."""
_TITLE_WIDTH = 240
"""Width in pixels of a picture of the table of contents."""
_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")


def main() -> None:
    """Execute the notebooks that are named, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", nargs="*", help="such as 01_detection")
    wanted = parser.parse_args().name
    if unknown := set(wanted) - {source.stem for source in SOURCES}:
        sys.exit(f"there is no notebook {', '.join(sorted(unknown))}")
    for source in SOURCES:
        if not wanted or source.stem in wanted:
            begin = time.monotonic()
            notebook = executed(source)
            path = source.with_suffix(".ipynb")
            nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
            write_picture(notebook, FOLDER / "images" / f"{source.stem}.jpg")
            print(f"{source.stem}: {time.monotonic() - begin:.0f} s")


def read_source(source: Path) -> Notebook:
    """Read the cells of a source, without results; equal sources give equal notebooks."""
    notebook = jupytext.read(source, fmt="py:percent")
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def read_made(source: Path) -> Notebook:
    """Read the notebook with the results that are in the repository."""
    return nbformat.read(source.with_suffix(".ipynb"), 4)  # type: ignore[no-untyped-call]


def executed(source: Path) -> Notebook:
    """Run a notebook in an empty folder and return it with its results.

    Raises:
        CellExecutionError: a cell raised an error.
        ValueError: a cell wrote a warning.

    """
    notebook = read_source(source)
    paths = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "CLOSEUP_MODELS": str(settings().models),
        "PYTHONWARNINGS": "ignore:IProgress not found",  # tqdm wants widgets, which nobody sees
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=_TIMEOUT,
            startup_timeout=_TIMEOUT,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": folder}},
        )
        client.execute(env=environment)
    for cell, output in results(notebook):
        if output.output_type == "stream" and output.name == "stderr":
            raise ValueError(f"{source.name}: a cell warns:\n{cell.source}\n\n{output.text}")
        if "data" in output:
            output.data = small(output.data)
            output.metadata = {}
    return notebook


def results(notebook: Notebook) -> Iterator[tuple[Any, Any]]:
    """Yield every result of a notebook, with its cell."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            yield cell, output


def small(data: dict[str, Any]) -> dict[str, Any]:
    """The same result with its picture as a JPEG, or as a PNG of 256 colours if that is smaller.

    Photos and shades look banded in 256 colours, and stay JPEG; charts have few colours.
    """
    if "image/png" not in data:
        return data
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")
    few = picture.quantize(method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    ways = {"image/jpeg": _encoded(picture, "JPEG", quality=_QUALITY, optimize=True)}
    change = ImageStat.Stat(ImageChops.difference(picture, few.convert("RGB"))).mean
    if max(change) < _UNSEEN:
        ways["image/png"] = _encoded(few, "PNG", optimize=True)
    kind = min(ways, key=lambda kind: len(ways[kind]))
    text = _ADDRESS.sub("", data.get("text/plain", ""))
    return {kind: base64.b64encode(ways[kind]).decode(), "text/plain": text}


def pictures(notebook: Notebook, tag: str | None = None) -> Iterator[bytes]:
    """Yield the encoded pictures of all cells, or of those with a tag."""
    for cell, output in results(notebook):
        if tag is None or tag in cell.metadata.get("tags", ()):
            for kind in ("image/jpeg", "image/png"):
                if kind in output.get("data", {}):
                    yield base64.b64decode(output.data[kind])


def write_picture(notebook: Notebook, path: Path) -> None:
    """Write the picture of the table of contents."""
    shown = Image.open(io.BytesIO(next(pictures(notebook, "picture")))).convert("RGB")
    size = (_TITLE_WIDTH, max(1, round(shown.height * _TITLE_WIDTH / shown.width)))
    path.parent.mkdir(exist_ok=True)
    shown.resize(size, Image.Resampling.LANCZOS).save(path, quality=_QUALITY, optimize=True)


def _encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


if __name__ == "__main__":
    main()
