"""Closeup finds every face in a video, knows who each one is, and makes close-ups of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from closeup.collection.eye_store import EyeStore
    from closeup.errors import Cancelled, CloseupError
    from closeup.faces import Faces, PointScheme
    from closeup.fancam.options import Absent, FancamOptions, Framing, Smoothing, Zoom
    from closeup.formats.dataset_folder import Dataset, read_dataset
    from closeup.geometry import Size
    from closeup.pipeline.cluster import cluster_people
    from closeup.pipeline.drawn_faces import DrawnFaces, draw_faces
    from closeup.pipeline.eye_dataset import EyeSet, EyeSetOptions, build_eye_set
    from closeup.pipeline.faces import find_faces
    from closeup.pipeline.fancams import Fancams, make_fancams
    from closeup.pipeline.identify import identify
    from closeup.pipeline.importing import import_dataset
    from closeup.pipeline.people import People, Person, SeenFace, read_people
    from closeup.pipeline.people_naming import Naming, name_people
    from closeup.pipeline.pupils import find_pupils
    from closeup.pipeline.search import FacesInPicture, Search
    from closeup.pipeline.set_kinds import SetKind
    from closeup.pipeline.verify import Verification, verify_photos
    from closeup.progress import Cancellable, Progress, Silent

__all__ = [
    "Absent",
    "Cancellable",
    "Cancelled",
    "CloseupError",
    "Dataset",
    "DrawnFaces",
    "EyeSet",
    "EyeSetOptions",
    "EyeStore",
    "Faces",
    "FacesInPicture",
    "FancamOptions",
    "Fancams",
    "Framing",
    "Naming",
    "People",
    "Person",
    "PointScheme",
    "Progress",
    "Search",
    "SeenFace",
    "SetKind",
    "Silent",
    "Size",
    "Smoothing",
    "Verification",
    "Zoom",
    "build_eye_set",
    "cluster_people",
    "draw_faces",
    "find_faces",
    "find_pupils",
    "identify",
    "import_dataset",
    "make_fancams",
    "name_people",
    "read_dataset",
    "read_people",
    "verify_photos",
]

_HOME = {
    "closeup.collection.eye_store": ("EyeStore",),
    "closeup.errors": ("Cancelled", "CloseupError"),
    "closeup.faces": ("Faces", "PointScheme"),
    "closeup.fancam.options": ("Absent", "FancamOptions", "Framing", "Smoothing", "Zoom"),
    "closeup.formats.dataset_folder": ("Dataset", "read_dataset"),
    "closeup.geometry": ("Size",),
    "closeup.pipeline.cluster": ("cluster_people",),
    "closeup.pipeline.drawn_faces": ("DrawnFaces", "draw_faces"),
    "closeup.pipeline.eye_dataset": ("EyeSet", "EyeSetOptions", "build_eye_set"),
    "closeup.pipeline.faces": ("find_faces",),
    "closeup.pipeline.fancams": ("Fancams", "make_fancams"),
    "closeup.pipeline.identify": ("identify",),
    "closeup.pipeline.importing": ("import_dataset",),
    "closeup.pipeline.people": ("People", "Person", "SeenFace", "read_people"),
    "closeup.pipeline.people_naming": ("Naming", "name_people"),
    "closeup.pipeline.pupils": ("find_pupils",),
    "closeup.pipeline.search": ("FacesInPicture", "Search"),
    "closeup.pipeline.set_kinds": ("SetKind",),
    "closeup.pipeline.verify": ("Verification", "verify_photos"),
    "closeup.progress": ("Cancellable", "Progress", "Silent"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: ``import closeup`` itself takes no time."""
    for module, names in _HOME.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
