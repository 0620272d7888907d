"""Proposed labels in the order of a network's doubt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, LabelVerdict, Origin
from closeup.errors import ModelError
from closeup.labelling.project import LabelProject
from closeup.labelling.quality_network import LabelQualityNetwork
from closeup.pipeline.labelling.label_projects import ProjectOptions, open_label_project
from closeup.pipeline.labelling.quality_order import QUEUE, QualityOrder, ordered_by_quality
from closeup.store.label_import import import_pictures
from closeup.store.label_queue import Unit, queue_names, queue_reasons
from tests.pipeline.drawn_set import drawn_set
from tests.quality_networks import bright_is_wrong
from tests.web.drawn_eyes import OPENED, SIZE, draw_eye, opened_project

OFF = (0, 60, 8, 61, 1, 14)
"""Pixels beside the pupil, which is 8 wide around its middle; the iris is 18, the eye 50."""


@contextmanager
def project_of(folder: Path, overlap: int = 1) -> Iterator[LabelProject]:
    pictures = []
    for number, off in enumerate(OFF):
        draw_eye(folder / f"{number}.png", 30)
        point = KeyPoint(OPENED[0] + min(off, 35), OPENED[1])
        label = Annotation(
            box=(50, 35, 110, 85), points={"pupil": point}, key="eye", origin=Origin.COARSE,
            method="darkness",
        )  # fmt: skip
        pictures.append(AnnotatedPicture(f"{number}.png", size=SIZE, annotations=(label,)))
    network = LabelQualityNetwork(bright_is_wrong(), "quality.onnx")
    with opened_project(folder, pictures, "review", quality=network, overlap=overlap) as project:
        yield project


def order(project: LabelProject) -> list[int]:
    """Numbers of the undecided pictures in the order in which they are shown."""
    session = project.session("ann")
    return [unit.item - 1 for unit in session.following(None, 99, undecided=True)]


def test_the_most_likely_wrong_labels_come_first(tmp_path: Path) -> None:
    with project_of(tmp_path) as project:
        ordered = ordered_by_quality(project)
        assert ordered.queue == QUEUE
        found = order(ordered)
        assert set(found[:2]) == {1, 3}
        assert set(found) == set(range(6))
        reasons = queue_reasons(project.store.database, QUEUE, [Unit(n + 1, "eye") for n in (1, 0)])
        assert list(reasons.values()) == ["P(wrong) 1 %", "P(wrong) 99 %"]
        assert set(order(ordered_by_quality(project, QualityOrder.RIGHT))[-2:]) == {1, 3}


def test_what_is_decided_is_not_in_the_queue_again(tmp_path: Path) -> None:
    with project_of(tmp_path) as project:
        session = ordered_by_quality(project).session("ann")
        session.judge(session.views([Unit(2, "eye"), Unit(1, "eye")]), LabelVerdict.FALSE)
        assert set(order(ordered_by_quality(project))) == {2, 3, 4, 5}
        assert queue_names(project.store.database) == {QUEUE: 4}


def test_several_people_get_all_labels(tmp_path: Path) -> None:
    with project_of(tmp_path, overlap=2) as project:
        session = ordered_by_quality(project).session("ann")
        session.judge(session.views([Unit(2, "eye")]), LabelVerdict.FALSE)
        ordered = ordered_by_quality(project)
        assert set(order(ordered)) == {0, 2, 3, 4, 5}
        other = ordered.session("bob").following(None, 99, undecided=True)
        assert len(other) == 6


def test_labels_of_pictures_that_are_gone_come_last(tmp_path: Path) -> None:
    with project_of(tmp_path) as project:
        (tmp_path / "3.png").unlink()
        ordered = ordered_by_quality(project)
        assert order(ordered)[-1] == 3
        reasons = queue_reasons(project.store.database, QUEUE, [Unit(4, "eye")])
        assert list(reasons.values()) == ["cannot be judged"]


def test_a_project_without_a_network_or_proposals_stays(tmp_path: Path) -> None:
    with project_of(tmp_path) as project:
        plain = replace(project, quality=None)
        assert ordered_by_quality(plain) is plain
    (tmp_path / "other").mkdir()
    network = LabelQualityNetwork(bright_is_wrong(), "quality.onnx")
    with opened_project(tmp_path / "other", [], "review", quality=network) as empty:
        import_pictures(empty.store, [AnnotatedPicture("a.png")])
        assert ordered_by_quality(empty) is empty


def test_a_network_belongs_to_its_kind_of_pictures(tmp_path: Path) -> None:
    eyes = drawn_set(tmp_path / "eyes", 12)
    draw_eye(tmp_path / "photo.png", 90)
    for kind in ("eye", "object"):
        (tmp_path / f"{kind}.onnx").write_bytes(bright_is_wrong(kind))
    files = {kind: tmp_path / f"{kind}.onnx" for kind in ("eye", "object")}
    options = {kind: ProjectOptions(quality=file) for kind, file in files.items()}
    with open_label_project(eyes, options=options["eye"]) as project:
        ordered = ordered_by_quality(project)
        assert ordered.queue == QUEUE
        assert len(order(ordered)) == project.store.count()
    with pytest.raises(ModelError, match=r"object\.onnx: the network judges labels of whole"):
        open_label_project(eyes, options=options["object"]).__enter__()
    with pytest.raises(ModelError, match=r"eye\.onnx: the network judges labels of crops of eyes"):
        open_label_project(tmp_path / "photo.png", options=options["eye"]).__enter__()
    with open_label_project(tmp_path / "photo.png", options=options["object"]) as project:
        assert project.quality is not None
