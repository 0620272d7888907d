# The public names of Closeup: listed here and nowhere else. Type checkers read this file; when a
# name is first used, lazy_loader finds in it which module to import.
from .camera_path import CameraPath as CameraPath
from .datasets.eyes.eye_store import EyeStore as EyeStore
from .detections import Detections as Detections
from .errors import Cancelled as Cancelled
from .errors import CloseupError as CloseupError
from .errors import PartError as PartError
from .executors.processes import Processes as Processes
from .executors.threads import Threads as Threads
from .eyes import Eyes as Eyes
from .faces import Faces as Faces
from .faces import PointScheme as PointScheme
from .fancam.coordinates import read_coordinates as read_coordinates
from .fancam.options import (
    Absent as Absent,
)
from .fancam.options import (
    FancamOptions as FancamOptions,
)
from .fancam.options import (
    Framing as Framing,
)
from .fancam.options import (
    Smoothing as Smoothing,
)
from .fancam.options import (
    Zoom as Zoom,
)
from .formats.dataset_folder import Dataset as Dataset
from .formats.dataset_folder import read_dataset as read_dataset
from .geometry import Size as Size
from .identities import Likeness as Likeness
from .identities import Recognition as Recognition
from .identity.description import describe as describe
from .identity.gallery import Gallery as Gallery
from .labels import FaceLabel as FaceLabel
from .labels import PictureLabels as PictureLabels
from .landmarks.cut_options import CutOptions as CutOptions
from .landmarks.cut_options import Template as Template
from .media.camera import Camera as Camera
from .media.images import read_image as read_image
from .media.video_reader import VideoReader as VideoReader
from .media.video_reader import open_video as open_video
from .open_models import Models as Models
from .opening import (
    open_detector as open_detector,
)
from .opening import (
    open_embedder as open_embedder,
)
from .opening import (
    open_landmarker as open_landmarker,
)
from .opening import (
    open_member_detector as open_member_detector,
)
from .opening import (
    open_person_detector as open_person_detector,
)
from .opening import (
    open_pupil_finder as open_pupil_finder,
)
from .pipeline.datasets.eye_dataset import (
    EyeSet as EyeSet,
)
from .pipeline.datasets.eye_dataset import (
    EyeSetOptions as EyeSetOptions,
)
from .pipeline.datasets.eye_dataset import (
    build_eye_set as build_eye_set,
)
from .pipeline.datasets.face_scenes import (
    FaceSceneOptions as FaceSceneOptions,
)
from .pipeline.datasets.face_scenes import (
    FaceScenes as FaceScenes,
)
from .pipeline.datasets.face_scenes import (
    build_face_scenes as build_face_scenes,
)
from .pipeline.datasets.importing import import_dataset as import_dataset
from .pipeline.datasets.set_kinds import SetKind as SetKind
from .pipeline.evaluation.lfw import LfwOptions as LfwOptions
from .pipeline.evaluation.lfw import evaluate_lfw as evaluate_lfw
from .pipeline.evaluation.pupil_calibration import calibrate_pupils as calibrate_pupils
from .pipeline.evaluation.pupil_evaluation import evaluate_pupils as evaluate_pupils
from .pipeline.evaluation.pupil_jitter import evaluate_jitter as evaluate_jitter
from .pipeline.fancams.demo import run_demo as run_demo
from .pipeline.fancams.fancams import Fancams as Fancams
from .pipeline.fancams.fancams import make_fancams as make_fancams
from .pipeline.fancams.member_pictures import (
    MemberSet as MemberSet,
)
from .pipeline.fancams.member_pictures import (
    MemberSetOptions as MemberSetOptions,
)
from .pipeline.fancams.member_set import build_member_set as build_member_set
from .pipeline.people.cluster import cluster_people as cluster_people
from .pipeline.people.clusters import (
    People as People,
)
from .pipeline.people.clusters import (
    Person as Person,
)
from .pipeline.people.clusters import (
    SeenFace as SeenFace,
)
from .pipeline.people.clusters import (
    read_people as read_people,
)
from .pipeline.people.identify import identify as identify
from .pipeline.people.members import enrol_members as enrol_members
from .pipeline.people.naming import Naming as Naming
from .pipeline.people.naming import name_people as name_people
from .pipeline.people.verify import Verification as Verification
from .pipeline.people.verify import verify_photos as verify_photos
from .pipeline.search.align import AlignedFace as AlignedFace
from .pipeline.search.align import align_faces as align_faces
from .pipeline.search.drawn_faces import DrawnFaces as DrawnFaces
from .pipeline.search.drawn_faces import draw_faces as draw_faces
from .pipeline.search.faces import find_faces as find_faces
from .pipeline.search.pupils import find_pupils as find_pupils
from .pipeline.search.search import FacesInPicture as FacesInPicture
from .pipeline.search.search import Search as Search
from .pipeline.training.coarse_to_fine import coarse_to_fine as coarse_to_fine
from .pipeline.training.coarse_to_fine_runs import CoarseToFineOptions as CoarseToFineOptions
from .pipeline.training.detector_training import (
    DetectorTrainingOptions as DetectorTrainingOptions,
)
from .pipeline.training.detector_training import (
    TrainedDetector as TrainedDetector,
)
from .pipeline.training.detector_training import (
    train_faces as train_faces,
)
from .pipeline.training.detector_training import (
    train_members as train_members,
)
from .pipeline.training.pupil_training import (
    PupilTrainingOptions as PupilTrainingOptions,
)
from .pipeline.training.pupil_training import (
    TrainedPupils as TrainedPupils,
)
from .pipeline.training.pupil_training import (
    train_pupils as train_pupils,
)
from .progress import Cancellable as Cancellable
from .progress import Progress as Progress
from .progress import Silent as Silent
from .protocols import (
    Embedder as Embedder,
)
from .protocols import (
    Executor as Executor,
)
from .protocols import (
    FaceDetector as FaceDetector,
)
from .protocols import (
    Landmarker as Landmarker,
)
from .protocols import (
    MemberDetector as MemberDetector,
)
from .protocols import (
    PersonDetector as PersonDetector,
)
from .protocols import (
    PupilFinder as PupilFinder,
)
from .pupils.method import PupilMethod as PupilMethod
from .settings import Settings as Settings
from .timecode import parse_time as parse_time
from .tracking.tracker import HeadTracker as HeadTracker
from .tracking.tracker import Tracker as Tracker
from .tracks import Tracklet as Tracklet
from .tracks import Trajectory as Trajectory
from .training.options import TrainingOptions as TrainingOptions
