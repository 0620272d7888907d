"""``closeup enrol``: photos of members as one file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

import closeup as cu
from closeup.cli.inputs import need
from closeup.cli.options import Commercial, Detector, EmbedderName, JsonOutput, Rotate, Strict
from closeup.cli.progress import RichProgress
from closeup.identity.gallery_file import SUFFIX
from closeup.settings import Settings


def enrol(
    members: Annotated[
        Path, typer.Argument(help="Folder with NAME/*.jpg, or NAME.jpg, for each member.")
    ],
    out: Annotated[Path, typer.Option(help="The gallery's file, *.npz.")],
    detector: Detector = "auto",
    embedder: EmbedderName = "auto",
    rotate: Rotate = 0,
    strict: Strict = False,
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Turn photos of members into a gallery: one small file that other commands read."""
    if out.suffix.lower() != SUFFIX:
        raise typer.BadParameter(f"a gallery's name ends in {SUFFIX}: --out {out.stem}{SUFFIX}")
    need(members)
    with RichProgress() as progress:
        gallery = cu.enrol_members(
            members, out, detector=detector, embedder=embedder, strict=strict, rotate=rotate,
            models=cu.Models(Settings.from_environment(commercial=commercial)), progress=progress,
        )  # fmt: skip
    if json_output:
        record = {
            "gallery": str(out),
            "embedder": gallery.embedder,
            "members": dict(zip(gallery.names, gallery.photos.tolist(), strict=True)),
            "left_out": [
                {"member": r.member, "photo": str(r.photo), "reason": r.reason}
                for r in gallery.rejections
            ],
            "odd": [{"member": odd.member, "photo": str(odd.photo)} for odd in gallery.odd],
            "alike": gallery.same_people(),
            "skipped": dict(gallery.skipped),
        }
        typer.echo(json.dumps(record))
        return
    for name, photos in zip(gallery.names, gallery.photos, strict=True):
        typer.echo(f"{name}  {photos} photo{'s' * (int(photos) != 1)}")
    typer.echo(out)
