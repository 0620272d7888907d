"""A painted stage: textured heads on coloured torsos that move as told."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces
from closeup.geometry import Size, iou
from closeup.tracking.clothes import colour_bins, torso_boxes
from closeup.tracking.head_tracker import HeadTracker
from closeup.tracking.observations import TrackerState
from closeup.tracking.tracker import TrackerView
from closeup.tracks import PositionSource

SIZE = Size(480, 270)
HEAD = 40
EVERY = 4
RED, BLUE = (200, 40, 40), (40, 60, 200)
Place = tuple[float, float]


def noise(seed: int, width: int, height: int) -> NDArray[np.uint8]:
    raw = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    return np.asarray(cv2.GaussianBlur(raw, (0, 0), 2), np.uint8)


BACKGROUND = np.repeat(noise(99, *SIZE)[..., None] // 4, 3, axis=2)


class Actor:
    def __init__(self, seed: int, colour: tuple[int, int, int]) -> None:
        self.head = np.repeat(noise(seed, HEAD, HEAD)[..., None], 3, axis=2)
        self.colour = colour

    def box(self, place: Place) -> NDArray[np.float32]:
        x, y = place
        return np.array([x, y, x + HEAD, y + HEAD], np.float32)

    def paint(self, picture: NDArray[np.uint8], place: Place) -> None:
        torso = torso_boxes(self.box(place)[None])[0]
        x1, y1, x2, y2 = (max(0, round(float(v))) for v in torso)
        fabric = noise(7, SIZE.width, SIZE.height)[y1:y2, x1:x2, None] // 6
        picture[y1:y2, x1:x2] = np.array(self.colour, np.uint8) + fabric
        x, y = (round(v) for v in place)
        cut = self.head[: SIZE.height - y, max(0, -x) : SIZE.width - x]
        picture[y : y + len(cut), max(0, x) : max(0, x) + cut.shape[1]] = cut


Script = Callable[[int], list[tuple[Actor, Place, bool]]]


def picture(script: Script, index: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """One frame of a script, in colour and in grey."""
    colour = BACKGROUND.copy()
    for actor, place, _ in script(index):
        actor.paint(colour, place)
    return colour, np.asarray(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY), np.uint8)


def play(script: Script, frames: range, tracker: HeadTracker) -> NDArray[np.void]:
    """Run a script of (actor, place, face seen) a frame; the rows that the tracker wrote."""
    for index in frames:
        colour, gray = picture(script, index)
        key = index % EVERY == 0
        tracker.step(index, gray, key=key)
        if key:
            seen = [actor.box(place) for actor, place, face in script(index) if face]
            boxes = np.array(seen, np.float32).reshape(-1, 4)
            faces = Faces(boxes, np.ones(len(boxes), np.float32))
            tracker.correct(index, TrackerView(gray, colour_bins(colour), 1.0), faces)
    return tracker.drain()[0]


def begun(*, appearance: bool = True) -> HeadTracker:
    """A tracker at the start of a video of 25 frames a second."""
    tracker = HeadTracker(appearance=appearance)
    tracker.begin(25)
    return tracker


ANN, BOB = Actor(1, RED), Actor(2, BLUE)


def walk(index: int) -> Place:
    return 60 + 3.0 * index, 60 + 10 * np.sin(index / 6)


def test_follows_a_head_between_detections() -> None:
    rows = play(lambda i: [(ANN, walk(i), True)], range(41), begun())
    assert set(rows["head"]) == {0}
    assert rows["frame"].tolist() == list(range(41))
    truth = np.array([ANN.box(walk(i)) for i in range(41)])
    assert np.diag(iou(rows["box"], truth)).min() > 0.8
    assert (rows["source"][::EVERY] == PositionSource.DETECTED).all()


def test_a_head_that_appears_is_followed_back_to_the_key_frame_before() -> None:
    rows = play(lambda i: [(ANN, walk(i), i >= 8)], range(9), begun())
    assert rows["frame"].tolist() == [4, 5, 6, 7, 8]


def test_clothes_carry_a_head_that_turned_away() -> None:
    def script(i: int) -> list[tuple[Actor, Place, bool]]:
        return [(ANN, walk(i), not 10 < i < 30)]

    rows = play(script, range(41), begun())
    assert set(rows["head"]) == {0}, "one tracklet, face seen again at the end"
    assert rows["frame"].tolist() == list(range(41))
    without = play(script, range(41), begun(appearance=False))
    assert len(set(without["head"])) == 2


def test_a_head_that_leaves_is_let_go() -> None:
    def script(i: int) -> list[tuple[Actor, Place, bool]]:
        x = 400 + 6.0 * i
        return [(ANN, (x, 60), x < 430)] if x < SIZE.width else []

    rows = play(script, range(33), begun())
    assert rows["frame"].max() < 17


def test_a_hidden_head_is_not_carried_on_to_who_stands_in_front() -> None:
    def script(i: int) -> list[tuple[Actor, Place, bool]]:
        return [(ANN, (200, 60), i <= 8), (BOB, (40 + 4.0 * i, 60), True)]

    rows = play(script, range(49), begun())
    ann = rows[(rows["head"] == rows["head"][np.argmax(rows["box"][:, 0] > 150)]) & rows["checked"]]
    bobs = np.array([BOB.box((40 + 4.0 * i, 60)) for i in ann["frame"]])
    assert np.diag(iou(ann["box"], bobs)).max() < 0.6


def test_goes_on_from_a_saved_state_as_if_nothing_had_happened() -> None:
    def script(i: int) -> list[tuple[Actor, Place, bool]]:
        return [(ANN, walk(i), not 10 < i < 22), (BOB, (300, 80 + 1.0 * i), i > 16)]

    whole = begun()
    expected = play(script, range(41), whole)
    first = begun()
    head = play(script, range(17), first)
    state = first.state
    second = HeadTracker()
    second.begin(25, TrackerState(state.heads.copy(), state.next_id), (16, picture(script, 16)[1]))
    tail = play(script, range(17, 41), second)
    rows = np.sort(np.concatenate([head, tail]), order=["frame", "head"])
    np.testing.assert_array_equal(rows, expected)
    np.testing.assert_array_equal(second.state.heads, whole.state.heads)
    assert 16 in expected["frame"][expected["head"] == 1], "followed back over the border"


def test_a_tracker_that_begins_again_forgets_the_earlier_pass() -> None:
    def script(i: int) -> list[tuple[Actor, Place, bool]]:
        return [(ANN, walk(i), not 10 < i < 22), (BOB, (300, 80 + 1.0 * i), i > 16)]

    tracker = begun()
    first = play(script, range(31), tracker)
    tracker.begin(25)
    np.testing.assert_array_equal(play(script, range(31), tracker), first)


def test_pairs_are_made_by_the_function_that_was_given() -> None:
    def nobody(*_: object) -> list[tuple[int, int]]:
        return []

    tracker = HeadTracker(associate=nobody)
    tracker.begin(25)
    rows = play(lambda i: [(ANN, walk(i), True)], range(9), tracker)
    assert len(set(rows[rows["source"] == PositionSource.DETECTED]["head"])) == 3
