# The public names of Closeup: listed here and nowhere else. Type checkers read this file; when a
# name is first used, lazy_loader finds in it which module to import.
from . import testing as testing
from .acquisition.acquisition import Acquisition as Acquisition, Selection as Selection
from .acquisition.candidates import LabelCandidates as LabelCandidates
from .acquisition.stopping import LabelRound as LabelRound, StoppingRule as StoppingRule
from .acquisition.strategies import acquisition_of as acquisition_of
from .annotations import (
    Annotation as Annotation,
    KeyPoint as KeyPoint,
    LabelVerdict as LabelVerdict,
    Origin as Origin,
)
from .camera_path import CameraPath as CameraPath
from .datasets.eyes.eye_store import EyeStore as EyeStore
from .datasets.eyes.label_check import check_eye_labels as check_eye_labels
from .detections import Detections as Detections
from .drawing.marks import mark_faces as mark_faces
from .drawing.sheets import contact_sheet as contact_sheet
from .effects.catalogue import effect_names as effect_names, open_effect as open_effect
from .effects.options import EffectOptions as EffectOptions
from .embedding_calibration import EmbeddingCalibration as EmbeddingCalibration
from .errors import Cancelled as Cancelled, CloseupError as CloseupError, PartError as PartError
from .evaluation.curves import area_under_curve as area_under_curve
from .evaluation.face_recall import face_recall as face_recall
from .evaluation.pupil_errors import (
    eye_errors as eye_errors,
    share_interval as share_interval,
    share_within as share_within,
)
from .evaluation.road import road as road
from .evaluation.verification import val_interval as val_interval, verify_folds as verify_folds
from .executors.processes import Processes as Processes
from .executors.threads import Threads as Threads
from .eyes import Eyes as Eyes
from .faces import Faces as Faces, PointScheme as PointScheme
from .fancam.coordinates import read_coordinates as read_coordinates
from .fancam.options import (
    Absent as Absent,
    FancamOptions as FancamOptions,
    Framing as Framing,
    Smoothing as Smoothing,
    Zoom as Zoom,
)
from .formats.dataset_folder import Dataset as Dataset, read_dataset as read_dataset
from .formats.label_format import LabelFormat as LabelFormat
from .formats.yolo_dataset import (
    YoloDataset as YoloDataset,
    read_yolo_dataset as read_yolo_dataset,
    write_yolo_dataset as write_yolo_dataset,
)
from .formats.yolo_labels import (
    label_file as label_file,
    read_yolo_labels as read_yolo_labels,
    write_yolo_labels as write_yolo_labels,
)
from .geometry import Size as Size
from .identities import Likeness as Likeness, Recognition as Recognition
from .identity.description import describe as describe
from .identity.gallery import Gallery as Gallery
from .labelling.label_crops import label_crop as label_crop
from .labelling.label_task import LabelTask as LabelTask
from .labelling.project import LabelProject as LabelProject
from .labelling.quality_network import (
    LabelQuality as LabelQuality,
    LabelQualityNetwork as LabelQualityNetwork,
)
from .labelling.session import LabelSession as LabelSession, LabelView as LabelView
from .labelling.statistics import label_statistics as label_statistics
from .labels import FaceLabel as FaceLabel, PictureLabels as PictureLabels
from .landmarks.cut_options import CutOptions as CutOptions, Template as Template
from .landmarks.cuts import FaceCut as FaceCut, FaceCutter as FaceCutter
from .media.camera import Camera as Camera
from .media.images import encode_jpeg as encode_jpeg, read_image as read_image
from .media.video_reader import VideoReader as VideoReader, open_video as open_video
from .open_models import Models as Models
from .opening import (
    open_detector as open_detector,
    open_embedder as open_embedder,
    open_landmarker as open_landmarker,
    open_member_detector as open_member_detector,
    open_person_detector as open_person_detector,
    open_pupil_finder as open_pupil_finder,
    open_shot_detector as open_shot_detector,
)
from .pipeline.collection.cleaning import (
    Cleaned as Cleaned,
    CleanOptions as CleanOptions,
    clean_pictures as clean_pictures,
)
from .pipeline.collection.collect_options import CollectOptions as CollectOptions
from .pipeline.collection.frame_faces import FaceRequirements as FaceRequirements
from .pipeline.collection.sorting import (
    SortedFace as SortedFace,
    SortedPeople as SortedPeople,
    sort_people as sort_people,
)
from .pipeline.collection.video_frames import (
    Collected as Collected,
    collect_video as collect_video,
)
from .pipeline.datasets.eye_dataset import (
    EyeSet as EyeSet,
    EyeSetOptions as EyeSetOptions,
    build_eye_set as build_eye_set,
)
from .pipeline.datasets.face_scenes import (
    FaceSceneOptions as FaceSceneOptions,
    FaceScenes as FaceScenes,
    build_face_scenes as build_face_scenes,
)
from .pipeline.datasets.importing import import_dataset as import_dataset
from .pipeline.datasets.set_kinds import SetKind as SetKind
from .pipeline.effects.apply import Applied as Applied, apply_effect as apply_effect
from .pipeline.evaluation.identity_calibration import calibrate_identity as calibrate_identity
from .pipeline.evaluation.lfw import LfwOptions as LfwOptions, evaluate_lfw as evaluate_lfw
from .pipeline.evaluation.pupil_calibration import calibrate_pupils as calibrate_pupils
from .pipeline.evaluation.pupil_evaluation import evaluate_pupils as evaluate_pupils
from .pipeline.evaluation.pupil_jitter import (
    evaluate_jitter as evaluate_jitter,
    jitter_residuals as jitter_residuals,
    jitter_spread as jitter_spread,
)
from .pipeline.fancams.demo import run_demo as run_demo
from .pipeline.fancams.fancams import Fancams as Fancams, make_fancams as make_fancams
from .pipeline.fancams.member_pictures import (
    MemberSet as MemberSet,
    MemberSetOptions as MemberSetOptions,
)
from .pipeline.fancams.member_set import build_member_set as build_member_set
from .pipeline.labelling.label_projects import (
    ProjectOptions as ProjectOptions,
    open_label_project as open_label_project,
)
from .pipeline.loop.loop_options import (
    LoopBudget as LoopBudget,
    LoopSetup as LoopSetup,
    OracleOptions as OracleOptions,
)
from .pipeline.loop.loop_projects import run_loop as run_loop
from .pipeline.loop.quality.quality_training import (
    QualityTrainingOptions as QualityTrainingOptions,
    train_quality as train_quality,
)
from .pipeline.people.cluster import cluster_people as cluster_people
from .pipeline.people.clusters import (
    People as People,
    Person as Person,
    SeenFace as SeenFace,
    read_people as read_people,
)
from .pipeline.people.identify import identify as identify
from .pipeline.people.members import enrol_members as enrol_members
from .pipeline.people.naming import Naming as Naming, name_people as name_people
from .pipeline.people.verify import Verification as Verification, verify_photos as verify_photos
from .pipeline.search.align import AlignedFace as AlignedFace, align_faces as align_faces
from .pipeline.search.drawn_faces import DrawnFaces as DrawnFaces, draw_faces as draw_faces
from .pipeline.search.faces import find_faces as find_faces
from .pipeline.search.pupils import find_pupils as find_pupils
from .pipeline.search.search import FacesInPicture as FacesInPicture, Search as Search
from .pipeline.training.coarse_to_fine import coarse_to_fine as coarse_to_fine
from .pipeline.training.coarse_to_fine_runs import CoarseToFineOptions as CoarseToFineOptions
from .pipeline.training.detector_training import (
    DetectorTrainingOptions as DetectorTrainingOptions,
    train_faces as train_faces,
    train_members as train_members,
)
from .pipeline.training.facenet_studies import (
    FacenetOptions as FacenetOptions,
    facenet_study as facenet_study,
)
from .pipeline.training.identity_training import (
    IdentityLoss as IdentityLoss,
    IdentityTrainingOptions as IdentityTrainingOptions,
    train_identity as train_identity,
)
from .pipeline.training.pupil_training import (
    PupilTrainingOptions as PupilTrainingOptions,
    train_pupils as train_pupils,
)
from .pipeline.training.trained_files import TrainedModel as TrainedModel
from .progress import Cancellable as Cancellable, Progress as Progress, Silent as Silent
from .protocols import (
    Effect as Effect,
    Embedder as Embedder,
    Executor as Executor,
    FaceDetector as FaceDetector,
    Landmarker as Landmarker,
    MemberDetector as MemberDetector,
    PersonDetector as PersonDetector,
    PupilFinder as PupilFinder,
    ShotDetector as ShotDetector,
)
from .pupils.method import PupilMethod as PupilMethod
from .settings import Settings as Settings
from .timecode import parse_time as parse_time
from .tracking.head_tracker import HeadTracker as HeadTracker
from .tracking.tracker import Tracker as Tracker
from .tracks import PositionSource as PositionSource, Tracklet as Tracklet, Trajectory as Trajectory
from .training.options import TrainingOptions as TrainingOptions
from .training.pupils.networks import PupilNetworkOptions as PupilNetworkOptions
