"""A few people of LFW, as a folder of links."""

from __future__ import annotations

from pathlib import Path

PEOPLE = (
    "Abdullah_Gul", "Adrien_Brody", "Alejandro_Toledo", "Amelie_Mauresmo", "Ana_Guevara",
    "Andre_Agassi", "Andy_Roddick", "Angelina_Jolie", "Ann_Veneman", "Anna_Kournikova",
)  # fmt: skip
"""All have five photos or more."""


def link_people(shared_data: Path, folder: Path, people: int = 8, photos: int = 4) -> Path:
    """A folder of people with links to their first photos."""
    for name in PEOPLE[:people]:
        (folder / name).mkdir(parents=True)
        for photo in sorted((shared_data / "lfw" / "images" / name).iterdir())[:photos]:
            (folder / name / photo.name).symlink_to(photo)
    return folder
