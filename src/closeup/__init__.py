"""Closeup finds every face in a video, knows who each one is, and makes close-ups of them."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # The public names, listed here and nowhere else: type checkers run these imports, and the
    # code below reads from them in which module a name is found.
    from closeup.collection.eye_store import EyeStore as EyeStore
    from closeup.errors import CloseupError as CloseupError
    from closeup.fancam.options import Absent as Absent
    from closeup.fancam.options import FancamOptions as FancamOptions
    from closeup.fancam.options import Framing as Framing
    from closeup.fancam.options import Smoothing as Smoothing
    from closeup.fancam.options import Zoom as Zoom
    from closeup.formats.dataset_folder import Dataset as Dataset
    from closeup.formats.dataset_folder import read_dataset as read_dataset
    from closeup.geometry import Size as Size
    from closeup.pipeline.cluster import cluster_people as cluster_people
    from closeup.pipeline.drawn_faces import DrawnFaces as DrawnFaces
    from closeup.pipeline.drawn_faces import draw_faces as draw_faces
    from closeup.pipeline.eye_dataset import EyeSet as EyeSet
    from closeup.pipeline.eye_dataset import EyeSetOptions as EyeSetOptions
    from closeup.pipeline.eye_dataset import build_eye_set as build_eye_set
    from closeup.pipeline.faces import FacePoints as FacePoints
    from closeup.pipeline.faces import FacesInPicture as FacesInPicture
    from closeup.pipeline.faces import find_faces as find_faces
    from closeup.pipeline.fancams import Fancams as Fancams
    from closeup.pipeline.fancams import make_fancams as make_fancams
    from closeup.pipeline.identify import PeopleInPicture as PeopleInPicture
    from closeup.pipeline.identify import identify as identify
    from closeup.pipeline.importing import import_dataset as import_dataset
    from closeup.pipeline.people import People as People
    from closeup.pipeline.people import Person as Person
    from closeup.pipeline.people import SeenFace as SeenFace
    from closeup.pipeline.people import read_people as read_people
    from closeup.pipeline.people_naming import Naming as Naming
    from closeup.pipeline.people_naming import name_people as name_people
    from closeup.pipeline.pupils import PupilsInPicture as PupilsInPicture
    from closeup.pipeline.pupils import find_pupils as find_pupils
    from closeup.pipeline.search import Search as Search
    from closeup.pipeline.set_kinds import SetKind as SetKind
    from closeup.pipeline.verify import Verification as Verification
    from closeup.pipeline.verify import verify_photos as verify_photos
else:
    _SOURCE = ast.parse(Path(__file__).read_bytes())
    _MODULES = {
        alias.name: imports.module
        for block in _SOURCE.body
        if isinstance(block, ast.If)
        for imports in block.body
        for alias in imports.names
    }
    __all__ = sorted(_MODULES)

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used: ``import closeup`` itself takes no time."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_MODULES[name]), name)
        return value

    def __dir__() -> list[str]:
        return __all__
