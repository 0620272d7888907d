from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from closeup.fancam.reporting.portraits import best_portraits
from tests.fancam.report_scene import STAGE, analysed, portrait, solved
from tests.fancam.tracklet_maker import make_tracklet

FACES = [(0, 1, 0.2, b"a"), (5, 1, 0.9, b"b"), (5, 2, 1.0, b"c"), (30, 1, 0.4, b"d")]


def test_each_tracklet_gets_the_weightiest_face_of_its_head_and_time() -> None:
    first, second = make_tracklet(0, 0, 20), make_tracklet(1, 20, 40)
    tracklets = [replace(first, head=1), replace(second, head=1)]
    best = best_portraits(FACES, tracklets)
    assert {number: face.jpeg for number, face in best.items()} == {0: b"b", 1: b"d"}


def test_faces_in_one_frame_are_told_apart_by_their_heads() -> None:
    tracklets = [make_tracklet(1, 0, 10), make_tracklet(2, 0, 10), make_tracklet(3, 0, 10)]
    best = best_portraits(FACES, tracklets)
    assert {number: face.jpeg for number, face in best.items()} == {1: b"b", 2: b"c"}


def test_portraits_are_streamed() -> None:
    def faces() -> Iterator[tuple[int, int, float, bytes]]:
        yield from FACES

    assert best_portraits(faces(), [make_tracklet(2, 0, 10)])[2].weight == 1


def test_a_saved_analysis_gives_each_tracklet_its_own_face(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, STAGE)
    tracklets = solved(analysis).tracklets
    best = best_portraits(analysis.portraits(), tracklets)
    for tracklet in tracklets:
        expected = portrait(tracklet.head) if STAGE[tracklet.head].faces else None
        assert (best[tracklet.id].jpeg if tracklet.id in best else None) == expected
