"""``closeup demo``: fancams of a synthetic scene."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from closeup.cli.fancams.fancam import print_result
from closeup.cli.progress import RichProgress
from closeup.pipeline.fancams.demo import run_demo


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the scene and its videos.")] = Path("demo"),
    json_output: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON on stdout.")
    ] = False,
) -> None:
    """Draw a stage with two performers and make a close-up video of each."""
    with RichProgress() as progress:
        made = run_demo(out, progress=progress)
    print_result(made, as_json=json_output)
