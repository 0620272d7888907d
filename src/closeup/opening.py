"""Models by their names: the one place that knows which class reads which file."""

from __future__ import annotations

from closeup.errors import ModelError, ModelMissingError
from closeup.models.dlib_weights import DlibNetwork, read_network
from closeup.models.files import locate
from closeup.progress import Progress
from closeup.protocols import Embedder, FaceDetector, Landmarker
from closeup.settings import Settings

DETECTORS = ("auto", "yunet-n", "yunet", "mmod", "hog")
"""What ``--detector`` takes; ``auto`` is the first of ``yunet-n``, ``yunet`` and ``mmod``
whose file is on this machine."""

LANDMARKERS = ("dlib-5-points", "dlib-68-points")
"""What :func:`open_landmarker` opens."""

EMBEDDERS = ("dlib-128", "sface")
"""What :func:`open_embedder` opens."""

_WANTING = {
    "yunet": "misses some small faces that yunet-n finds",
    "mmod": "finds faces from about 80 pixels on and takes long",
}


def open_detector(
    name: str = "auto", *, settings: Settings, progress: Progress, threads: int | None = None
) -> FaceDetector:
    """Open a face detector and say which one runs; after a fallback, what a better one needs.

    Args:
        name: One of :data:`DETECTORS`.
        settings: Where model files are; nothing is downloaded.
        progress: Hears one line.
        threads: Threads inside one operator, by default one a processor.

    Raises:
        ModelError: there is no such detector.
        ModelMissingError: its file is not on this machine.
        ModelCorruptError: its file is not the one that the catalogue describes.

    """
    chosen = _best_at_hand(settings) if name == "auto" else name
    detector = _detector(chosen, settings, threads)
    line = f"finding faces with {chosen}"
    if name == "auto" and chosen in _WANTING:
        line += f", which {_WANTING[chosen]}; for the better one: closeup models fetch yunet-n"
    progress.say(line)
    return detector


def open_landmarker(name: str, settings: Settings) -> Landmarker:
    """Open a finder of feature points.

    Args:
        name: One of :data:`LANDMARKERS`; the one of 68 points is not for commercial use.
        settings: Where model files are; those of an installed package are always found.

    Raises:
        ModelError: there is no such landmarker, or ``settings`` ask for commercial use and its
            licence does not allow that.
        ModelMissingError: the package with its file is not installed.
        ModelCorruptError: its file is not the one that the catalogue describes.

    """
    if name not in LANDMARKERS:
        raise ModelError(f"there is no landmarker {name!r}; choose one of {', '.join(LANDMARKERS)}")
    from closeup.landmarks.dlib_points import DlibLandmarker

    return DlibLandmarker(locate(name, settings), name)


def open_embedder(
    settings: Settings, threads: int | None = None, name: str = "dlib-128"
) -> Embedder:
    """Open an embedding.

    Args:
        settings: Where model files are; those of an installed package are always found.
        threads: Threads inside one operator, by default one a processor.
        name: One of :data:`EMBEDDERS`; vectors of one do not compare with those of another.

    Raises:
        ModelError: there is no such embedding.
        ModelMissingError: its file is not on this machine.
        ModelCorruptError: a file is not the one that the catalogue describes.

    """
    landmarker = open_landmarker("dlib-5-points", settings)
    match name:
        case "dlib-128":
            from closeup.identity.embedding import DlibEmbedder

            return DlibEmbedder(_dlib_network(name, settings), landmarker, threads)
        case "sface":
            from closeup.identity.sface import SFaceEmbedder

            return SFaceEmbedder(locate(name, settings).read_bytes(), landmarker, threads)
        case _:
            raise ModelError(
                f"there is no embedding {name!r}; choose one of {', '.join(EMBEDDERS)}"
            )


def _best_at_hand(settings: Settings) -> str:
    for name in ("yunet-n", "yunet"):
        try:
            locate(name, settings)
        except ModelMissingError:
            continue
        return name
    return "mmod"


def _detector(name: str, settings: Settings, threads: int | None) -> FaceDetector:
    match name:
        case "yunet-n" | "yunet":
            from closeup.detection.yunet import YuNetDetector

            return YuNetDetector(locate(name, settings).read_bytes(), name, threads=threads)
        case "mmod":
            from closeup.detection.mmod import MmodDetector

            return MmodDetector(_dlib_network(name, settings), threads=threads)
        case "hog":
            from closeup.detection.hog import HogDetector

            return HogDetector()
        case _:
            raise ModelError(
                f"there is no face detector {name!r}; choose one of {', '.join(DETECTORS)}"
            )


def _dlib_network(name: str, settings: Settings) -> DlibNetwork:
    path = locate(name, settings)
    return read_network(path.read_bytes(), str(path))
