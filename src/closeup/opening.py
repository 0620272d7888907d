"""Opening of models by name: the only module that maps names and files to classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from closeup.errors import ModelError, ModelMissingError
from closeup.models.catalog import CATALOGUE
from closeup.models.files import OWN_SUFFIX, is_own_file, locate, name_of_file, read_model
from closeup.models.providers import provider_line
from closeup.progress import Progress, Silent
from closeup.settings import Settings

if TYPE_CHECKING:
    from closeup.embedding_calibration import EmbeddingCalibration
    from closeup.models.dlib_weights import DlibNetwork
    from closeup.protocols import (
        Embedder,
        FaceDetector,
        Landmarker,
        MemberDetector,
        PersonDetector,
        ShotDetector,
    )
    from closeup.pupils.method import EyeMethod, PupilMethod
    from closeup.pupils.network import EyeNetwork

DETECTORS = ("auto", "yunet-n", "closeup", "yunet", "blazeface", "mmod", "hog", "haar", "ssd")
"""Values of ``--detector`` besides the path of a YOLO file for faces, which ends in ``.onnx``;
``auto`` is the first of ``yunet-n``, ``yunet`` and ``closeup`` whose file is on this machine, for
commercial use of ``blazeface``, ``yunet-n``, ``yunet`` and ``mmod``."""

PERSON_DETECTORS = ("yolox",)
"""Names for :func:`open_person_detector`."""

SHOT_DETECTORS = ("auto", "transnet")
"""Values of ``--cuts``; ``auto`` is Closeup's own detector."""

LANDMARKERS = ("dlib-5-points", "dlib-68-points", "mediapipe-468")
"""Names for :func:`open_landmarker`."""

PUPIL_METHODS = ("network", "mediapipe", "contour", "darkest", "projection", "mean-shift")
"""Values of ``--method`` of ``closeup pupils`` besides the path of a file made by ``closeup train
pupils``, which ends in ``.onnx``."""

EYE_METHODS = ("network", "darkest", "projection", "mean-shift")
"""Those of :data:`PUPIL_METHODS` that work on a crop of one eye, without a face."""

EMBEDDERS = ("auto", "dlib-128", "closeup-128", "sface")
"""Values of ``--embedder`` besides the path of a face embedding, which ends in ``.onnx``; ``auto``
is the one that made a given gallery, else :data:`USUAL_EMBEDDER`."""

USUAL_EMBEDDER = "dlib-128"
"""What ``auto`` opens. ``closeup-128`` names more single faces from afar, but no more people of a
video, whose faces are averaged: see docs/models/closeup-embedding.md."""

_MOST_FOR_MMOD = 4_000_000
"""Maximum pixels of a picture; MMOD takes 150 bytes and 0.5 µs of CPU time for each one."""
_MOST_FOR_HAAR = 2_500_000
"""Maximum pixels of a picture; the cascade takes 70 bytes and 0.5 µs of CPU time for each one."""

_WANTING = {
    "yunet": ("misses some small faces that yunet-n finds", "yunet-n"),
    "closeup": ("misses some faces from the side that yunet-n finds", "yunet-n"),
    "mmod": ("finds faces from about 80 pixels on and takes long", "blazeface"),
}
"""What a fallback of ``auto`` lacks, and the detector to fetch instead."""

_SCORES = {"yunet-n": (0.6, 0.3), "yunet": (0.6, 0.3), "closeup": (0.5, 0.1)}
"""Scores from which a face is certain, which is the detector's usual threshold, and from which it
is doubtful (:func:`open_cover_detector`)."""


def open_detector(
    name: str = "auto",
    *,
    settings: Settings | None = None,
    progress: Progress | None = None,
    threads: int | None = None,
) -> FaceDetector:
    """Open a face detector and report which one is used; after a fallback, how to get a better one.

    Args:
        name: One of :data:`DETECTORS`, or the path of a YOLO file that ends in ``.onnx``.
        settings: Folders of model files, and whether the work is commercial; by default from the
            environment variables. Nothing is downloaded.
        progress: Receives the detector's name, and the execution provider if it is not the CPU;
            silent by default.
        threads: Threads inside one operator; by default one per processor. OpenCV's detectors
            (``haar`` and ``ssd``) use OpenCV's threads.

    Raises:
        ModelError: there is no such detector, the format of the YOLO file is ambiguous, or
            ``settings`` require commercial use and its licence does not allow that.
        ModelMissingError: its file is not on this machine.
        ModelCorruptError: its file is not the one that the catalogue describes.
        InputError: ``CLOSEUP_PROVIDERS`` names what the installed onnxruntime does not have.

    """
    settings, progress = settings or Settings.from_environment(), progress or Silent()
    chosen = _best_at_hand(settings) if name == "auto" else name
    detector = _detector(chosen, settings, threads)
    line = f"finding faces with {chosen}"
    if name == "auto" and chosen in _WANTING:
        lack, better = _WANTING[chosen]
        line += f", which {lack}; for the better one: closeup models fetch {better}"
    elif settings.commercial and (reason := _contested(chosen)):
        line += f": {reason}"
    progress.say(line)
    if place := provider_line():
        progress.say(place)
    return detector


def open_cover_detector(
    name: str = "auto", *, settings: Settings | None = None, threads: int | None = None
) -> tuple[FaceDetector, float]:
    """Open a face detector that returns doubtful faces, too, for covers that follow faces in time.

    Args:
        name: As for :func:`open_detector`.
        settings: As for :func:`open_detector`.
        threads: As for :func:`open_detector`.

    Returns:
        The detector, and the score from which its faces are certain; 0 for a detector that cannot
        return more faces than usual.

    Raises:
        ModelError, ModelMissingError, ModelCorruptError: as for :func:`open_detector`.

    """
    settings = settings or Settings.from_environment()
    chosen = _best_at_hand(settings) if name == "auto" else name
    certain, doubtful = _SCORES.get(chosen, (0.0, None))
    return _detector(chosen, settings, threads, doubtful), certain


def open_person_detector(
    name: str = "yolox", *, settings: Settings | None = None, threads: int | None = None
) -> PersonDetector:
    """Open a person detector.

    Args:
        name: One of :data:`PERSON_DETECTORS`.
        settings: As for :func:`open_detector`.
        threads: Threads inside one operator; by default one per processor.

    Raises:
        ModelError, ModelMissingError, ModelCorruptError: as for :func:`open_detector`.

    """
    settings = settings or Settings.from_environment()
    match name:
        case "yolox":
            from closeup.detection.yolox import YoloxDetector

            return YoloxDetector(_model(name, settings), threads=threads)
        case _:
            raise _unknown("person detector", name, PERSON_DETECTORS)


def open_shot_detector(
    name: str = "auto", *, settings: Settings | None = None, threads: int | None = None
) -> ShotDetector:
    """Open a detector of the cuts of a video.

    Args:
        name: One of :data:`SHOT_DETECTORS`.
        settings: As for :func:`open_detector`.
        threads: Threads inside one operator; by default one per processor.

    Raises:
        ModelError, ModelMissingError, ModelCorruptError: as for :func:`open_detector`.

    """
    settings = settings or Settings.from_environment()
    match name:
        case "auto":
            from closeup.media.shots import StructureShotDetector

            return StructureShotDetector()
        case "transnet":
            from closeup.media.transnet import TransNetDetector

            return TransNetDetector(_model("transnetv2", settings), threads=threads)
        case _:
            raise _unknown("detector of cuts", name, SHOT_DETECTORS)


def open_member_detector(
    file: str, *, settings: Settings | None = None, threads: int | None = None
) -> MemberDetector:
    """Open a detector of the members of a stage, as made by ``closeup train members``.

    Args:
        file: Path of the file.
        settings: As for :func:`open_detector`.
        threads: Threads inside one operator; by default one per processor.

    Raises:
        ModelError: the file's format is ambiguous, or ``settings`` require commercial use.
        ModelMissingError: there is no such file.

    """
    settings = settings or Settings.from_environment()
    from closeup.detection.yolo_members import YoloMemberDetector

    model = _own_file(file, "a detector of faces", settings)
    return YoloMemberDetector(model, file, threads=threads)


def open_landmarker(name: str = "dlib-5-points", *, settings: Settings | None = None) -> Landmarker:
    """Open a finder of feature points.

    Args:
        name: One of :data:`LANDMARKERS`; the one of 68 points is not for commercial use.
        settings: As for :func:`open_detector`; files of an installed package are always found.

    Raises:
        ModelError, ModelMissingError, ModelCorruptError: as for :func:`open_detector`.

    """
    settings = settings or Settings.from_environment()
    match name:
        case "dlib-5-points" | "dlib-68-points":
            from closeup.landmarks.dlib_points import DlibLandmarker

            return DlibLandmarker(locate(name, settings), name)
        case "mediapipe-468":
            from closeup.landmarks.face_mesh import FaceMesh

            return FaceMesh(_model(name, settings), name)
        case _:
            raise _unknown("landmarker", name, LANDMARKERS)


def open_pupil_finder(name: str = "network", *, settings: Settings | None = None) -> PupilMethod:
    """Open a pupil finder.

    Args:
        name: One of :data:`PUPIL_METHODS`, or the path of a trained network that ends in
            ``.onnx``; its finder's name is the file's with the first digits of its SHA-256.
            Of several, separated by commas, the mean is taken.
        settings: As for :func:`open_detector`; files of an installed package are always found.

    Raises:
        ModelError: there is no such method, the file is not a network for pupils, or a model is
            not free for commercial use and ``settings`` require that.
        ModelMissingError: a file is not on this machine.
        ModelCorruptError: a file is not the one that the catalogue describes, or damaged.

    """
    settings = settings or Settings.from_environment()
    if "," in name:
        from closeup.pupils.ensemble import EnsemblePupilFinder

        parts = [open_pupil_finder(part, settings=settings) for part in name.split(",")]
        return EnsemblePupilFinder(parts)
    landmarker = open_landmarker("dlib-5-points", settings=settings)
    match name:
        case "network":
            model = _model("closeup-pupils", settings)
            return _network_finder(model, "closeup-pupils", name, landmarker)
        case "mediapipe":
            from closeup.pupils.iris import IrisNetwork, iris_finder

            return iris_finder(IrisNetwork(_model("mediapipe-iris", settings)), landmarker)
        case "contour":
            from closeup.landmarks.upright_landmarker import UprightLandmarker
            from closeup.pupils.contour import ContourPupilFinder

            detailed = open_landmarker("dlib-68-points", settings=settings)
            return ContourPupilFinder(UprightLandmarker(landmarker, detailed))
        case "darkest" | "projection" | "mean-shift":
            from closeup.pupils.crop_finder import CropPupilFinder

            return CropPupilFinder(_eye_method(name), landmarker)
        case _ if is_own_file(name):
            model = _own_file(name, "--method mediapipe or --method darkest", settings)
            return _network_finder(model, name, name_of_file(model, name), landmarker)
        case _:
            raise _unknown("pupil method", name, PUPIL_METHODS, "a trained network")


def open_eye_method(name: str = "network", *, settings: Settings | None = None) -> EyeMethod:
    """Open a method that finds the pupil in a crop of one eye, without a face.

    Args:
        name: ``network``, ``darkest``, ``projection``, ``mean-shift``, or the path of a trained
            network that ends in ``.onnx``.
        settings: As for :func:`open_detector`.

    Raises:
        ModelError: there is no such method, or it needs the whole face.
        ModelMissingError, ModelCorruptError: as for :func:`open_pupil_finder`.

    """
    settings = settings or Settings.from_environment()
    match name:
        case "network":
            return _eye_network(_model("closeup-pupils", settings), "closeup-pupils", name)
        case "darkest" | "projection" | "mean-shift":
            return _eye_method(name)
        case _ if is_own_file(name):
            model = _own_file(name, "--method darkest", settings)
            return _eye_network(model, name, name_of_file(model, name))
        case _:
            raise _unknown("method for crops of eyes", name, EYE_METHODS, "a trained network")


def open_embedder(
    name: str = "auto",
    *,
    settings: Settings | None = None,
    threads: int | None = None,
    calibrated: bool = True,
) -> Embedder:
    """Open an embedding, with its calibration if there is one.

    Args:
        name: One of :data:`EMBEDDERS`, or the path of a face embedding that ends in ``.onnx``
            (:mod:`closeup.identity.onnx_embedder`); vectors of different embeddings cannot be
            compared.
        settings: As for :func:`open_detector`; files of an installed package are always found.
        threads: Threads inside one operator; by default one per processor.
        calibrated: Whether to load its calibration; False if one is to be made.

    Raises:
        CalibrationError: its calibration is damaged, of another version, or of another embedder.
        ModelError: there is no such embedding, the file is not an embedding, or ``settings``
            require commercial use and its licence is not known.
        ModelMissingError: its file is not on this machine.
        ModelCorruptError: a file is not the one that the catalogue describes, or damaged.

    """
    from closeup.identity.calibration import calibration_of, find_calibration

    settings = settings or Settings.from_environment()
    name = USUAL_EMBEDDER if name == "auto" else name
    calibration = find_calibration(name, settings) if calibrated else None
    embedder = _embedder(name, settings, threads, calibration)
    if calibration is not None:
        calibration_of(embedder, name)
    return embedder


def _embedder(
    name: str, settings: Settings, threads: int | None, calibration: EmbeddingCalibration | None
) -> Embedder:
    landmarker = open_landmarker("dlib-5-points", settings=settings)
    match name:
        case "dlib-128":
            from closeup.identity.embedding import DlibEmbedder

            network = open_dlib_network(name, settings=settings)
            return DlibEmbedder(network, landmarker, threads, calibration)
        case "closeup-128":
            from closeup.identity.onnx_embedder import open_onnx_embedder

            model = _model(name, settings)
            return open_onnx_embedder(model, name, landmarker, calibration, threads)
        case "sface":
            from closeup.identity.sface import SFaceEmbedder

            return SFaceEmbedder(_model(name, settings), landmarker, threads, calibration)
        case _ if is_own_file(name):
            from closeup.identity.onnx_embedder import open_onnx_embedder

            model = _own_file(name, "an embedding of the catalogue", settings)
            own = name_of_file(model, name)
            return open_onnx_embedder(model, own, landmarker, calibration, threads)
        case _:
            raise _unknown("embedding", name, EMBEDDERS, "a face embedding")


def _best_at_hand(settings: Settings) -> str:
    names = ("yunet-n", "yunet")
    for name in ("blazeface", *names) if settings.commercial else names:
        try:
            locate(name, settings)
        except ModelMissingError:
            continue
        return name
    return "mmod" if settings.commercial else "closeup"


def _contested(name: str) -> str | None:
    """Why commercial use of a detector is contested; None if it is not, or the name is a file's."""
    return next((entry.contested for entry in CATALOGUE if entry.name == name), None)


def _detector(
    name: str, settings: Settings, threads: int | None, score_threshold: float | None = None
) -> FaceDetector:
    """A detector; ``score_threshold`` replaces the usual one of those in ``_SCORES``."""
    match name:
        case "yunet-n" | "yunet":
            from closeup.detection.yunet import SCORE_THRESHOLD, yunet_detector

            least = score_threshold or SCORE_THRESHOLD
            model = _model(name, settings)
            return yunet_detector(model, name, score_threshold=least, threads=threads)
        case "closeup":
            from closeup.detection.closeup_faces import SCORE_THRESHOLD, closeup_detector

            least = score_threshold or SCORE_THRESHOLD
            model, rescorer = (_model(f"closeup-{n}", settings) for n in ("faces", "rescorer"))
            return closeup_detector(model, rescorer, score_threshold=least, threads=threads)
        case "blazeface":
            from closeup.detection.blazeface import blazeface_detector

            return blazeface_detector(_model(name, settings), threads=threads)
        case "mmod":
            from closeup.detection.bounded import BoundedDetector
            from closeup.detection.mmod import MmodDetector

            mmod = MmodDetector(open_dlib_network(name, settings=settings), threads=threads)
            return BoundedDetector(mmod, _MOST_FOR_MMOD)
        case "hog":
            from closeup.detection.hog import HogDetector

            return HogDetector()
        case "haar":
            from closeup.detection.bounded import BoundedDetector
            from closeup.detection.haar import HaarDetector

            return BoundedDetector(HaarDetector(), _MOST_FOR_HAAR)
        case "ssd":
            from closeup.detection.ssd import SsdDetector

            return SsdDetector(locate(name, settings), locate("ssd-graph", settings))
        case _ if is_own_file(name):
            from closeup.detection.closeup_faces import file_detector

            model = _own_file(name, "a detector of the catalogue", settings)
            return file_detector(model, name, threads=threads)
        case _:
            raise _unknown("face detector", name, DETECTORS, "a YOLO file for faces")


def _own_file(path: str, free: str, settings: Settings) -> bytes:
    """The bytes of a model outside the catalogue; ``free`` names a choice for commercial use."""
    if settings.commercial:
        raise ModelError(
            f"the licence of {path} is not known to Closeup, so it is not used for commercial "
            f"work; choose {free}, or leave --commercial away"
        )
    return read_model(path)


def _network_finder(model: bytes, file: str, name: str, landmarker: Landmarker) -> PupilMethod:
    from closeup.pupils.network import NetworkPupilFinder

    return NetworkPupilFinder(_eye_network(model, file, name), landmarker)


def _eye_network(model: bytes, file: str, name: str) -> EyeNetwork:
    from closeup.pupils.network import EyeNetwork

    return EyeNetwork(model, file, name)


def _eye_method(name: Literal["darkest", "projection", "mean-shift"]) -> EyeMethod:
    match name:
        case "darkest":
            from closeup.pupils.darkest import DarkestPoint

            return DarkestPoint()
        case "projection":
            from closeup.pupils.integral_projection import Projection

            return Projection()
        case "mean-shift":
            from closeup.pupils.mean_shift import MeanShift

            return MeanShift()


def _model(name: str, settings: Settings) -> bytes:
    """The file of a catalogue entry."""
    return locate(name, settings).read_bytes()


def open_dlib_network(name: str, *, settings: Settings | None = None) -> DlibNetwork:
    """Read the parameters of one of dlib's networks.

    Args:
        name: ``dlib-128`` or ``mmod``.
        settings: As for :func:`open_detector`.

    Raises:
        ModelMissingError: its file is not on this machine.
        ModelCorruptError: the file is damaged.

    """
    from closeup.models.dlib_weights import read_network

    path = locate(name, settings or Settings.from_environment())
    return read_network(path.read_bytes(), str(path))


def _unknown(kind: str, name: str, names: Sequence[str], file: str = "") -> ModelError:
    """The refusal of a name; ``file`` names the model file whose path could be given instead."""
    or_file = f", or give the path of {file} that ends in {OWN_SUFFIX}" if file else ""
    choice = f"one of {', '.join(names)}" if len(names) > 1 else names[0]
    return ModelError(f"there is no {kind} {name!r}; choose {choice}{or_file}")
