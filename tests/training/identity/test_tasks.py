"""Each kind of training learns to tell drawn people apart, and can be repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest
import torch

from closeup.errors import InputError, TrainingError
from closeup.opening import open_dlib_network
from closeup.training.identity.distillation_task import DistillationTask, centres_of
from closeup.training.identity.dlib_network import trainable_dlib
from closeup.training.identity.margin_task import MarginTask
from closeup.training.identity.networks import IdentityNetwork
from closeup.training.identity.options import (
    Architecture,
    DistillationOptions,
    IdentityNetworkOptions,
    MarginOptions,
    Mining,
    TripletOptions,
)
from closeup.training.identity.samples import NOBODY, FaceChips
from closeup.training.identity.task import IdentitySamples, IdentityTask, vectors_of
from closeup.training.identity.triplet_task import TripletTask
from tests.training.identity.drawn_faces import SIDE, drawn_faces, samples

TINY = IdentityNetworkOptions(Architecture.INCEPTION, dims=8, side=SIDE, width=0.15)


def network() -> IdentityNetwork:
    torch.manual_seed(0)
    return IdentityNetwork(TINY)


def online(own: IdentitySamples) -> IdentityTask:
    return TripletTask(network(), own, TripletOptions(margin=0.5))


def offline(own: IdentitySamples) -> IdentityTask:
    return TripletTask(network(), own, TripletOptions(margin=0.5, mining=Mining.OFFLINE))


def margin(own: IdentitySamples) -> IdentityTask:
    return MarginTask(network(), TINY.dims, own, MarginOptions(scale=16, margin=0.1))


def distillation(own: IdentitySamples) -> IdentityTask:
    return DistillationTask(network(), own, DistillationOptions(poor=0.0))


KINDS = [online, offline, margin, distillation]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
Kind = Callable[[IdentitySamples], IdentityTask]


def run(task: IdentityTask, epochs: Iterable[int], batch: int = 24) -> dict[str, float]:
    """Train for some epochs; the last losses."""
    descent = torch.optim.AdamW(task.network.parameters(), 5e-3)
    losses: dict[str, float] = {}
    for epoch in epochs:
        task.network.train()
        for given in task.batches(epoch, batch):
            parts = task.loss(task.network, given)
            descent.zero_grad()
            torch.autograd.backward(parts["loss"])
            descent.step()
            losses = {name: value.item() for name, value in parts.items()}
    return losses


@every_kind
def test_it_tells_new_people_apart(kind: Kind) -> None:
    own = samples(people=40)
    task = kind(own)
    held_out = torch.from_numpy(own.held_out.pixels)
    # In training mode, as normalisation has no statistics yet.
    before = own.judge(vectors_of(task.embedding_in(task.network), held_out))
    run(task, range(30))
    after = task.judge(task.network.eval())
    assert after["error"] < 0.12 < before["error"]
    assert after["accepts"] > before["accepts"]


@every_kind
def test_an_epoch_can_be_repeated(kind: Kind) -> None:
    one, other = kind(samples()), kind(samples())
    assert one.fingerprint == other.fingerprint
    batches = list(one.batches(3, 12))
    assert len(batches) == one.count(12) > 0
    for mine, theirs in zip(batches, other.batches(3, 12), strict=True):
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    again, third = next(iter(one.batches(4, 12))), next(iter(kind(samples(1)).batches(3, 12)))
    assert not torch.equal(again["pixels"], batches[0]["pixels"])
    assert not torch.equal(third["pixels"], batches[0]["pixels"])


@every_kind
def test_its_fingerprint_is_of_all_inputs(kind: Kind) -> None:
    usual = samples()
    changed = [
        samples(seed=1),
        replace(usual, training=drawn_faces(12, 5, noise=3)),
        replace(usual, held_out=drawn_faces(8, 4, seed=2)),
        replace(usual, augmentation=replace(usual.augmentation, grey=0.5)),
    ]
    prints = {kind(own).fingerprint for own in [usual, *changed]}
    assert len(prints) == 5


@pytest.mark.parametrize(
    "options", [TripletOptions(), TripletOptions(margin=0.3), TripletOptions(photos=3)]
)
def test_options_are_part_of_the_fingerprint(options: TripletOptions) -> None:
    assert TripletTask(network(), samples(), options).fingerprint != online(samples()).fingerprint


def test_kinds_of_triplets_are_reported() -> None:
    for kind in (online, offline):
        losses = run(kind(samples()), range(1))
        assert losses["hard"] + losses["semi_hard"] + losses["easy"] == pytest.approx(1, abs=1e-5)
        assert losses["triplets"] >= 0


def test_what_the_student_sees_is_poor_and_its_target_is_not() -> None:
    own = samples()
    poor = DistillationTask(network(), own, DistillationOptions(poor=1.0))
    clean = DistillationTask(network(), own, DistillationOptions(poor=0.0))
    one, other = next(iter(poor.batches(0, 24))), next(iter(clean.batches(0, 24)))
    assert torch.equal(one["targets"], other["targets"])
    assert not torch.equal(one["pixels"], other["pixels"])


def test_without_vectors_of_a_teacher_nothing_is_distilled() -> None:
    own = samples()
    bare = replace(own, training=replace(own.training, targets=None))
    with pytest.raises(ValueError, match="no vectors of a teacher"):
        distillation(bare)


BLENDED = DistillationOptions(poor=0.25, blended=0.5, hints=1.0)


def large(own: IdentitySamples) -> IdentitySamples:
    """The same faces, as large as those of dlib's network, with vectors of its length."""

    def enlarged(chips: FaceChips) -> FaceChips:
        rows = np.linspace(0, SIDE - 0.01, 150).astype(np.int64)
        assert chips.targets is not None
        targets = np.pad(chips.targets, ((0, 0), (0, 120)))
        return FaceChips(chips.pixels[:, rows][:, :, rows], chips.people, targets)

    return replace(own, training=enlarged(own.training), held_out=enlarged(own.held_out))


def test_a_student_learns_the_vectors_and_features_of_blends() -> None:
    dlib = open_dlib_network("dlib-128")
    student, teacher = trainable_dlib(dlib, 0.3), trainable_dlib(dlib, 1.0)
    before = [values.clone() for values in teacher.parameters()]
    task = DistillationTask(student, large(samples(people=4)), BLENDED, teacher)
    first = task.loss(student, next(iter(task.batches(0, 16))))
    last = run(task, range(4), 16)
    assert last["hints"] < first["hints"].item()
    assert last["distance"] < first["distance"].item()
    for old, new in zip(before, teacher.parameters(), strict=True):
        assert torch.equal(old, new)


def test_blends_are_seen_by_both_and_the_others_keep_their_targets() -> None:
    own = large(samples(people=4))
    teacher = trainable_dlib(open_dlib_network("dlib-128"), 0.3)
    task = DistillationTask(
        trainable_dlib(open_dlib_network("dlib-128"), 0.3), own, BLENDED, teacher
    )
    batch = next(iter(task.batches(0, 16)))
    assert batch["blended"].tolist() == [False] * 8 + [True] * 8
    same = DistillationTask(network(), own, DistillationOptions(poor=0.25))
    other = next(iter(same.batches(0, 16)))
    assert torch.equal(batch["targets"], other["targets"])
    assert torch.equal(batch["pixels"][:8], other["pixels"][:8])
    assert not torch.equal(batch["pixels"][8:], other["pixels"][8:])


def test_people_without_a_name_are_not_told_apart() -> None:
    people = np.array([3, NOBODY, 3, 8], np.int64)
    targets = torch.eye(4)
    centres, rows = centres_of(people, targets)
    assert rows.tolist() == [0, NOBODY, 0, 1]
    torch.testing.assert_close(centres[1], targets[3])
    torch.testing.assert_close(centres[0], (targets[0] + targets[2]) / 2**0.5)


def test_names_count_where_they_are_known() -> None:
    own = samples()
    nameless = replace(own.training, people=np.full(len(own.training), NOBODY))
    named, bare = (
        run(DistillationTask(network(), given, DistillationOptions(0.5, names=1.0)), range(1))
        for given in (own, replace(own, training=nameless))
    )
    assert named["names"] > 0
    assert bare["names"] == 0


def test_blends_need_a_teacher_and_hints_a_network_like_it() -> None:
    with pytest.raises(ValueError, match="blends need a teacher"):
        DistillationTask(network(), samples(), DistillationOptions(0.0, 0.5))
    teacher = trainable_dlib(open_dlib_network("dlib-128"), 0.3)
    with pytest.raises(ValueError, match="shape of the teacher's"):
        DistillationTask(network(), samples(), BLENDED, teacher)


@pytest.mark.parametrize(
    "changes",
    [{"poor": -0.1}, {"poor": 0.6, "blended": 0.5}, {"hints": 1.0}, {"hardness": 5.0}],
)
def test_options_out_of_range(changes: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"must be|need"):
        DistillationOptions(**changes)


def test_people_with_one_photo_teach_no_triplets() -> None:
    own = samples()
    alone = replace(own, training=drawn_faces(12, 1))
    with pytest.raises(InputError, match="0 of 12 people have two photos or more"):
        online(alone)


def test_vectors_that_become_alike_end_the_training() -> None:
    task = online(samples(people=40))
    run(task, range(10))
    assert task.judge(task.network.eval())["spread"] > 0.1
    with torch.no_grad():
        for values in task.network.get_submodule("head").parameters():
            values.zero_()
        last = list(task.network.get_submodule("head").parameters())[-1]
        last.fill_(1.0)
    with pytest.raises(TrainingError, match="have become alike"):
        task.judge(task.network.eval())


def test_a_network_that_has_not_spread_yet_may_go_on() -> None:
    task = online(samples())
    assert task.judge(task.network.eval())["spread"] < 0.02


def test_the_embedding_is_what_is_exported() -> None:
    task = margin(samples())
    embedding = task.embedding_in(task.network)
    assert isinstance(embedding, IdentityNetwork)
    vectors = embedding.eval()(torch.zeros(2, 3, SIDE, SIDE))
    np.testing.assert_allclose(vectors.detach().norm(dim=1), 1, atol=1e-5)
