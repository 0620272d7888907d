"""Which label of an eye counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, LabelVerdict, Origin
from closeup.datasets.eyes.eye_store import EyeStore
from closeup.datasets.eyes.eye_table import EyeRow
from closeup.pipeline.labelling.label_projects import open_label_project
from closeup.pipeline.loop.pupils.eye_labels import (
    EyeLabelPolicy,
    EyeLabelSource,
    eye_label,
    labelled_eyes,
)
from closeup.pipeline.training.eye_samples import samples_of
from closeup.pupils.consensus import ConsensusWeights
from closeup.store.label_import import import_pictures
from closeup.store.label_records import LabelChange, StoredItem, StoredLabel
from tests.datasets.eyes.drawn_eyes import SIZE, draw_eyes, scattered

UNIT = 40.0
POLICY = EyeLabelPolicy()
TRUE, FALSE, UNSURE = LabelVerdict.TRUE, LabelVerdict.FALSE, LabelVerdict.UNSURE


def label(
    x: float,
    y: float = 20,
    *,
    origin: Origin = Origin.COARSE,
    verdict: LabelVerdict | None = None,
    method: str = "contour",
    visible: bool = True,
    score: float | None = None,
) -> Annotation:
    return Annotation(
        points={"pupil": KeyPoint(x, y, visible)},
        origin=origin,
        verdict=verdict,
        method=method,
        score=score,
    )


def item(*labels: Annotation) -> StoredItem:
    stored = tuple(
        StoredLabel(f"{number}", number, own, "", 0.0) for number, own in enumerate(labels)
    )
    return StoredItem(1, "00000/0", None, SIZE, 0, stored)


def by_hand(x: float, *, visible: bool = True) -> Annotation:
    return label(x, origin=Origin.PERSON, visible=visible)


def test_a_label_by_hand_comes_first() -> None:
    found = eye_label(item(label(30, verdict=TRUE), by_hand(31), label(33)), UNIT, POLICY)
    assert (found.source, found.point, found.weight) == (EyeLabelSource.BY_HAND, (31, 20), 1)


def test_labels_called_true_are_averaged() -> None:
    found = eye_label(
        item(label(30, verdict=TRUE), label(32, verdict=TRUE), label(10)), UNIT, POLICY
    )
    assert (found.source, found.point) == (EyeLabelSource.VERIFIED, (31, 20))
    assert found.weight == POLICY.verified


def test_a_pseudo_label_is_the_consensus_of_what_nobody_judged() -> None:
    labels = [
        label(30, method="contour"), label(32, method="darkest"),
        label(50, method="projection", verdict=FALSE), label(40, verdict=UNSURE),
    ]  # fmt: skip
    found = eye_label(item(*labels), UNIT, POLICY)
    assert (found.source, found.point) == (EyeLabelSource.PSEUDO, (31, 20))
    assert 0 < found.weight < POLICY.pseudo


def test_offsets_of_methods_are_removed() -> None:
    known = ConsensusWeights(np.array([[0.1, 0], [0, 0.05]]), np.array([0.75, 0.25]))
    policy = EyeLabelPolicy(methods=("contour", "darkest"), known=known)
    labels = [label(30, method="contour"), label(34, method="darkest"), label(9, method="haar")]
    found = eye_label(item(*labels), UNIT, policy)
    assert found.point == pytest.approx((34, 20.5))


def test_offsets_are_fitted_to_labels_by_hand() -> None:
    rng = np.random.default_rng(0)
    labelled = [
        item(by_hand(x), label(x + 2), label(x - 1, method="darkest", verdict=FALSE))
        for x in rng.uniform(20, 40, 30).tolist()
    ]
    policy = POLICY.fitted([*labelled, item(label(30))], UNIT)
    assert policy.methods == ("contour", "darkest")
    new = item(label(32, method="contour"), label(29, method="darkest"))
    assert eye_label(new, UNIT, policy).point == pytest.approx((30, 20))
    assert POLICY.fitted([item(label(30))], UNIT) == POLICY


def test_the_newest_model_comes_before_the_methods() -> None:
    old, new = (label(x, origin=Origin.MODEL, score=0.5) for x in (30.0, 31.0))
    found = eye_label(item(label(33), old, new), UNIT, POLICY)
    assert (found.source, found.point) == (EyeLabelSource.PSEUDO, (31, 20))
    assert found.weight == POLICY.pseudo / 2


def test_a_pseudo_label_where_another_was_called_false_does_not_count() -> None:
    wrong = label(30, verdict=FALSE)
    assert eye_label(item(wrong, label(30.5)), UNIT, POLICY).source is EyeLabelSource.NONE
    assert eye_label(item(wrong, label(32)), UNIT, POLICY).source is EyeLabelSource.PSEUDO


@pytest.mark.parametrize(
    "labels",
    [
        (label(30, verdict=TRUE), label(36, verdict=TRUE)),
        (by_hand(30), label(36, verdict=TRUE)),
        (by_hand(30), label(30.1, verdict=FALSE)),
        (label(30, verdict=TRUE), label(30.1, verdict=FALSE)),
    ],
)
def test_what_cannot_all_be_right_is_left_out(labels: tuple[Annotation, ...]) -> None:
    found = eye_label(item(*labels), UNIT, POLICY)
    assert found.source is EyeLabelSource.CONTRADICTORY
    assert found.point is None


def test_a_hidden_pupil_is_left_out() -> None:
    found = eye_label(item(by_hand(30, visible=False), label(30)), UNIT, POLICY)
    assert (found.source, found.point) == (EyeLabelSource.HIDDEN, None)


def test_without_pseudo_labels_only_people_count() -> None:
    policy = EyeLabelPolicy(pseudo=0)
    assert eye_label(item(label(30)), UNIT, policy).source is EyeLabelSource.NONE
    assert eye_label(item(), UNIT, POLICY).source is EyeLabelSource.NONE


@pytest.mark.parametrize("weight", [-0.1, 1.1])
def test_weights_are_shares(weight: float) -> None:
    with pytest.raises(ValueError, match="pseudo must be from 0 to 1"):
        EyeLabelPolicy(pseudo=weight)


ANNOTATIONS = st.builds(
    label,
    st.floats(0, 63),
    st.floats(0, 47),
    origin=st.sampled_from([Origin.COARSE, Origin.MODEL, Origin.PERSON]),
    verdict=st.sampled_from([None, *LabelVerdict]),
    method=st.sampled_from(["contour", "darkest", "projection"]),
    visible=st.booleans(),
    score=st.none() | st.floats(0, 1),
)


@given(st.lists(ANNOTATIONS, max_size=6))
def test_what_was_called_false_is_never_learnt(labels: list[Annotation]) -> None:
    found = eye_label(item(*labels), UNIT, POLICY)
    usable = [one for one in labels if one.verdict is not FALSE]
    assert (found.point is None) == (found.weight == 0)
    if found.point is not None:
        for axis, name in enumerate("xy"):
            places = [getattr(one.points["pupil"], name) for one in usable]
            assert min(places) - 1e-6 <= found.point[axis] <= max(places) + 1e-6
        for one in labels:
            if one.verdict is FALSE:
                far = np.hypot(
                    *np.subtract(found.point, (one.points["pupil"].x, one.points["pupil"].y))
                )
                by_people = found.source is not EyeLabelSource.PSEUDO
                assert by_people or far >= POLICY.refuted * UNIT


@given(st.lists(ANNOTATIONS, max_size=6))
def test_people_come_before_programs(labels: list[Annotation]) -> None:
    found = eye_label(item(*labels), UNIT, POLICY).source
    people = {one.origin is Origin.PERSON for one in labels if one.verdict is not FALSE}
    if found is EyeLabelSource.BY_HAND:
        assert True in people
    if found in (EyeLabelSource.PSEUDO, EyeLabelSource.VERIFIED):
        assert True not in people


def eyes(folder: Path, count: int = 8) -> EyeStore:
    places = scattered(count)
    rows = [
        EyeRow(f"P{n // 4}/{n // 2}.jpg", None, 0, ("right", "left")[n % 2], x=x, y=y,
               openness=0.5, confidence=1, method="contour")
        for n, (x, y) in enumerate(places.tolist())
    ]  # fmt: skip
    store = EyeStore.begun(folder, {"size": list(SIZE), "width": 1.6})
    store.finish(store.write_part(0, rows, list(draw_eyes(places))), {})
    return store


def test_a_store_becomes_samples(tmp_path: Path) -> None:
    own = eyes(tmp_path)
    with open_label_project(tmp_path, "pupil") as project:
        store = project.store
        items = list(store.all_items())
        hand = label(20, origin=Origin.PERSON)
        changes = [
            LabelChange.of_label("a", items[1].id, "new", hand),
            LabelChange.of_verdict("b", items[2].id, TRUE, "contour"),
            LabelChange.of_verdict("c", items[3].id, FALSE, "contour"),
            LabelChange.of_label("d", items[4].id, "far", label(-70, origin=Origin.PERSON)),
        ]
        store.write(changes, "Ann")
        other = AnnotatedPicture(items[3].path, annotations=(label(21, method="darkest"),))
        import_pictures(store, [other])
        found = labelled_eyes(own, store.all_items(), POLICY)
    assert found.counts == {"by hand": 1, "none": 1, "pseudo": 5, "verified": 1}
    assert [source.value for source in found.sources] == [
        "pseudo", "by hand", "verified", "pseudo", "pseudo", "pseudo", "pseudo",
    ]  # fmt: skip
    before = samples_of(own)
    assert found.samples.groups.tolist() == np.delete(before.groups, 4).tolist()
    assert found.samples.pupils[1] == pytest.approx([20.5 / 64, 20.5 / 48])
    assert found.samples.pupils[3, 0] == pytest.approx(21.5 / 64)
    assert found.samples.pupils[2] == pytest.approx(before.pupils[2], abs=1e-5)
    assert found.samples.weight[:3].tolist() == pytest.approx([0.3 * 0.3, 1, 0.7])
    assert len(found.of(EyeLabelSource.VERIFIED)) == 1
