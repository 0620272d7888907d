"""What is chosen for a queue, and what is left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from closeup.acquisition.mixture import Mixture
from closeup.acquisition.strategies import acquisition_of
from closeup.annotations import Annotation, KeyPoint, LabelVerdict, Origin
from closeup.errors import InputError
from closeup.geometry import Size
from closeup.labelling.project import LabelProject
from closeup.labelling.quality_file import QualityFile
from closeup.labelling.quality_network import LabelQualityNetwork
from closeup.pipeline.labelling.label_projects import open_label_project
from closeup.pipeline.loop.next_queue import EyeJudges, NextOptions, NextQueue, fill_next_queue
from closeup.pipeline.loop.picture_eyes import EyesOfCrops
from closeup.pupils.network import EyeNetwork
from closeup.store.label_queue import LabelQueue, Units, queue_reasons
from closeup.store.label_records import LabelChange
from tests.listening import Listener
from tests.onnx_files import onnx_file
from tests.pipeline.drawn_set import drawn_set
from tests.pupil_networks import constant_network, darkness_network

EYES = 24
VERDICTS = Units.LABELS


@pytest.fixture
def project(tmp_path: Path) -> Iterator[LabelProject]:
    with open_label_project(drawn_set(tmp_path / "eyes", EYES), "pupil") as opened:
        yield opened


def judges(strategy: str = "mixed", **other: Any) -> EyeJudges:
    """Two networks: one finds the disc, the other always says the middle."""
    networks = [
        EyeNetwork(darkness_network(), "dark.onnx"), EyeNetwork(constant_network(), "middle.onnx")
    ]  # fmt: skip
    return EyeJudges(EyesOfCrops(1.2), networks, acquisition_of(strategy), **other)


def chosen_items(made: NextQueue) -> list[int]:
    return [one.unit.item for one in made.chosen]


def label_by_hand(project: LabelProject, item: int) -> None:
    point = Annotation(points={"pupil": KeyPoint(1, 2)}, origin=Origin.PERSON)
    project.store.write([LabelChange.of_label(f"hand {item}", item, "hand", point)], "Ann")


def judge(project: LabelProject, item: int, verdict: LabelVerdict) -> None:
    change = LabelChange.of_verdict(f"verdict {item}", item, verdict, "by hand")
    project.store.write([change], "Ann")


def test_the_queue_is_in_the_store_in_the_order_of_the_choice(project: LabelProject) -> None:
    made = fill_next_queue(project, judges("spread"), NextOptions(5))
    queue = LabelQueue(project.store.database, Units.PICTURES, name="next")
    assert queue.after(None, 10) == [one.unit for one in made.chosen]
    assert (made.candidates, made.done, made.unreadable, made.without_eyes) == (EYES, 0, 0, 0)
    reasons = queue_reasons(project.store.database, "next", [one.unit for one in made.chosen])
    assert [reasons[one.unit] for one in made.chosen] == [one.reason for one in made.chosen]
    # The networks differ most where the disc is farthest from the middle.
    items = {item.id: item for item in project.store.all_items()}
    away = {
        number: np.hypot(point.x - 31.5, point.y - 23.5)
        for number, item in items.items()
        for point in [item.labels[0].annotation.points["pupil"]]
    }
    farthest = sorted(away, key=lambda number: -away[number])[:9]
    assert set(chosen_items(made)) <= set(farthest)


def test_both_eyes_of_a_photo_are_of_one_picture(project: LabelProject) -> None:
    """The set has two eyes a photo."""
    own = replace(judges(), acquisition=Mixture(per_picture=1))
    made = fill_next_queue(project, own, NextOptions(EYES))
    assert len(made.chosen) == EYES / 2
    photos = {one.item.extra["eyes"]["image"] for one in made.chosen}
    assert len(photos) == EYES / 2


def test_the_same_seed_chooses_the_same(project: LabelProject) -> None:
    first, again, other = (
        chosen_items(fill_next_queue(project, judges("random"), NextOptions(8, seed=seed)))
        for seed in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize("verdict", [LabelVerdict.TRUE, LabelVerdict.UNSURE])
def test_pictures_that_are_labelled_are_not_chosen(
    project: LabelProject, verdict: LabelVerdict
) -> None:
    label_by_hand(project, 1)
    judge(project, 2, verdict)
    judge(project, 3, LabelVerdict.FALSE)
    listened = project.store.items([4])[0]
    complete = LabelChange.of_verdict("complete", listened.id, LabelVerdict.TRUE)
    project.store.write([complete], "Ann")
    made = fill_next_queue(project, judges("spread"), NextOptions(EYES))
    assert set(chosen_items(made)) == set(range(1, EYES + 1)) - {1, 2, 4}
    assert made.done == 3


def test_verdicts_are_asked_on_labels_without_one(project: LabelProject) -> None:
    judge(project, 1, LabelVerdict.FALSE)
    label_by_hand(project, 2)
    made = fill_next_queue(project, judges("disagreement"), NextOptions(EYES, VERDICTS, "judge"))
    assert {one.unit.object for one in made.chosen} == {"by hand"}
    assert set(chosen_items(made)) == set(range(3, EYES + 1))
    assert made.done == 2
    assert len(LabelQueue(project.store.database, VERDICTS, name="judge").after(None, 99)) == 22


def test_labels_by_several_methods_are_asked_one_by_one(project: LabelProject) -> None:
    """A coarse label that is far away comes first by disagreement."""
    far = Annotation(points={"pupil": KeyPoint(3, 40)}, origin=Origin.COARSE, method="darkest")
    project.store.write([LabelChange.of_label("far", 7, "darkest", far)], "")
    made = fill_next_queue(project, judges("disagreement"), NextOptions(2, VERDICTS))
    assert made.candidates == EYES + 1
    assert made.chosen[0].unit == (7, "darkest")
    made = fill_next_queue(project, judges("disagreement"), NextOptions(3))
    assert made.chosen[0].unit == (7, "")
    assert made.chosen[0].reason.startswith("model and first proposal are")
    assert made.chosen[1].reason == "drawn at random", "others have no label of a classic method"


def quality_network() -> LabelQualityNetwork:
    """A label is bad by the mean of its mark: the nearer to the edge, the better."""
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["crops"], ["numbers"], to=TensorProto.FLOAT),
            helper.make_node("Gather", ["numbers", "third"], ["mark"], axis=3),
            helper.make_node("ReduceMean", ["mark", "sides"], ["mean"], keepdims=0),
            helper.make_node("Div", ["mean", "white"], ["bad"]),
            helper.make_node("Identity", ["mark"], ["map"]),
        ],
        "quality",
        [helper.make_tensor_value_info("crops", TensorProto.UINT8, ["n", 24, 32, 4])],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("bad", "map")],
        [
            numpy_helper.from_array(np.array(3, np.int64), "third"),
            numpy_helper.from_array(np.array([1, 2], np.int64), "sides"),
            numpy_helper.from_array(np.array(255, np.float32), "white"),
        ],
    )
    said = QualityFile(Size(32, 24), "eye", 1.2).properties()
    return LabelQualityNetwork(onnx_file(graph, 18, said), "quality.onnx", 1.2)


def test_labels_that_a_network_calls_bad_come_first(project: LabelProject) -> None:
    """A mark at the edge is half outside of the crop, so its mean is the smallest."""
    edge = Annotation(points={"pupil": KeyPoint(0, 0)}, origin=Origin.COARSE, method="darkest")
    project.store.write([LabelChange.of_label("edge", 7, "darkest", edge)], "")
    own = judges("quality", quality=quality_network())
    made = fill_next_queue(project, own, NextOptions(EYES + 1, VERDICTS))
    assert made.chosen[-1].unit == (7, "darkest")
    assert made.chosen[0].reason.startswith("the proposed label is wrong with")
    made = fill_next_queue(project, own, NextOptions(3))
    assert all(one.unit.object == "" for one in made.chosen)
    with pytest.raises(InputError, match=r"bad of the samples is not known.*--quality"):
        fill_next_queue(project, judges("quality"), NextOptions(3))


def test_damaged_crops_are_left_out_and_counted(project: LabelProject, tmp_path: Path) -> None:
    (tmp_path / "eyes" / "crops" / "00000.npy").write_bytes(b"broken")
    with open_label_project(tmp_path / "eyes", "pupil") as again:
        listener = Listener()
        with pytest.raises(InputError, match="in none of the 24 pictures"):
            fill_next_queue(again, judges(), NextOptions(3), listener)
    assert listener.lines[-1].startswith(f"{EYES} pictures passed over")


def test_nothing_is_left(project: LabelProject) -> None:
    for number in range(1, EYES + 1):
        label_by_hand(project, number)
    with pytest.raises(InputError, match="all 24 pictures are labelled by hand already"):
        fill_next_queue(project, judges(), NextOptions(3))
    with pytest.raises(InputError, match="no proposed label is left to judge"):
        fill_next_queue(project, judges(), NextOptions(3, VERDICTS))


def test_the_budget_is_positive() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        NextOptions(0)
