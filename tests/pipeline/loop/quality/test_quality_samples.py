"""Labels are cut out where their network sees them, and pictures of a person stay together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.annotations import Annotation, KeyPoint
from closeup.geometry import Size
from closeup.labelling.label_crops import EyeCropper, label_crop
from closeup.media.images import write_image
from closeup.pipeline.labelling.label_projects import open_label_project
from closeup.pipeline.loop.quality.quality_samples import cut_labels, picture_width
from closeup.pipeline.loop.quality.verdicts import JudgedLabel, judgements
from closeup.progress import Silent
from closeup.training.label_quality.augmentation import plain
from closeup.training.label_quality.samples import QualityView
from closeup.training.label_quality.task import labels_of
from tests.pipeline.loop.quality.judged_eyes import judged_eyes

VIEW = QualityView("eye", Size(36, 28), 0.8)


def test_eyes_of_a_person_stay_together_and_crops_are_those_in_use(tmp_path: Path) -> None:
    with judged_eyes(tmp_path / "eyes", 16) as project:
        said = judgements(project.store).labels
        cut = cut_labels(project.store, project.pictures, said, VIEW, Silent())
        width = picture_width(project.pictures)
        assert width == pytest.approx(1.2)
        items = {item.id: item for item in project.store.all_items()}
        images = [project.pictures.read(items[label.item]) for label in said]
    assert len(cut.samples) == 16
    assert np.array_equal(cut.samples.bad, [label.bad for label in said])
    people = [items[label.item].extra["eyes"]["image"].split("/")[0] for label in said]
    assert len(set(zip(people, cut.samples.groups.tolist(), strict=True))) == len(set(people)) == 4
    crops = plain(labels_of(cut.samples), VIEW).numpy()
    assert width is not None
    cropper = EyeCropper(VIEW.size, VIEW.width, width)
    for crop, label, image in zip(crops, said, images, strict=True):
        wanted = label_crop(image, label.annotation, cropper)
        assert wanted is not None
        assert np.abs(wanted.astype(int) - crop).max() <= 3


@pytest.mark.parametrize(("names", "groups"), [
    (["a.png", "b.png", "c.png"], 3),
    (["one/a.png", "one/b.png", "two/a.png"], 2),
    (["one/a.png", "one/b.png"], 2),
])  # fmt: skip
def test_pictures_in_folders_of_people_stay_together(
    tmp_path: Path, names: list[str], groups: int
) -> None:
    for name in names:
        write_image(tmp_path / "set" / name, np.zeros((20, 20, 3), np.uint8))
    with open_label_project(tmp_path / "set", "review") as project:
        numbers = [item.id for item in project.store.all_items()]
        label = Annotation(points={"nose": KeyPoint(5, 5), "chin": KeyPoint(5, 15)})
        judged = [JudgedLabel(item, 1, label, bad=False, people=1) for item in numbers]
        masked = JudgedLabel(numbers[0], 2, Annotation(mask="a.png"), bad=True, people=1)
        view = QualityView("object", Size(24, 24), 1.5)
        cut = cut_labels(project.store, project.pictures, [*judged, masked], view, Silent())
    assert len(np.unique(cut.samples.groups)) == groups
    assert (cut.empty, cut.gone) == (1, 0)
    assert cut.samples.points.shape == (len(names), 2, 2)
