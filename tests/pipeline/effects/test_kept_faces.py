"""All faces are covered but those of named members."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from closeup.effects.privacy import CoveringEffect
from closeup.errors import MembersError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.media.images import read_image
from closeup.media.video_reader import open_video
from closeup.open_models import Models
from closeup.pipeline.effects.apply import apply_effect
from closeup.pipeline.effects.kept_faces import KeptInVideo
from closeup.settings import Settings
from closeup.synthesis.truth import TruthRow, read_truth
from closeup.tracks import PositionSource, Trajectory
from tests.kept_models import kept
from tests.pipeline.running import pictures
from tests.small_stage import EILEEN, GRACE


@pytest.fixture
def models(shared_models: Path) -> Models:
    return kept(Settings(shared_models, Path("no such folder")))


def detail(picture: np.ndarray, row: TruthRow) -> float:
    """Mean step between neighbouring pixels in the middle of a face."""
    (x, y), side = row.box.centre, row.box.width / 4
    x1, x2 = np.clip([x - side, x + side], 0, picture.shape[1]).astype(int)
    part = picture[int(y - side) : int(y + side), x1:x2].astype(float)
    return float(np.abs(np.diff(part, axis=1)).mean()) if part.shape[1] > 4 else np.nan


def kept_share(stage: Path, drawn: Path, name: str) -> float:
    """Detail of a member's visible faces in a video, as a share of that in the stage video."""
    with open_video(stage) as before, open_video(drawn) as after:
        both = [
            (first.rgb(), second.rgb())
            for first, second in zip(before.frames(), after.frames(), strict=True)
        ]
    rows = [row for row in read_truth(stage).rows() if row.name == name and row.face_visible]
    shares = [detail(both[r.frame][1], r) / detail(both[r.frame][0], r) for r in rows]
    return float(np.nanmedian(shares))


def test_in_a_video_one_member_is_kept(small_stage: Path, models: Models, tmp_path: Path) -> None:
    made = apply_effect(
        small_stage, "pixelate", tmp_path / "p.mp4", models=models, detector="yunet-n",
        members=small_stage.parent / "members", keep=[GRACE],
    )  # fmt: skip
    assert made.faces > 30
    assert kept_share(small_stage, made.path, GRACE) > 0.7
    assert kept_share(small_stage, made.path, EILEEN) < 0.5


def test_in_a_photo_one_member_is_kept(small_stage: Path, models: Models, tmp_path: Path) -> None:
    members = small_stage.parent / "members"
    for name in (EILEEN, GRACE):
        photo = next((members / name).iterdir())
        made = apply_effect(
            photo, "pixelate", tmp_path / f"{name}.png", models=models, members=members,
            keep=[GRACE],
        )  # fmt: skip
        changed = (read_image(made.path) != read_image(photo)).any()
        assert changed == (name != GRACE)


@pytest.mark.parametrize("source", ["stage.mp4", f"members/{GRACE}"])
def test_an_unknown_name_is_refused_with_the_list(
    source: str, small_stage: Path, models: Models, tmp_path: Path
) -> None:
    folder = small_stage.parent
    with pytest.raises(MembersError, match=f"no member 'Nobody'; there are {EILEEN}, {GRACE}"):
        apply_effect(
            folder / source, "blur-faces", tmp_path / "o.mp4", models=models,
            members=folder / "members", keep=["Nobody"],
        )  # fmt: skip
    assert not (tmp_path / "o.mp4").exists()


def test_keep_without_members_is_refused(small_stage: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="give members"):
        apply_effect(small_stage, "blur-faces", tmp_path / "o.mp4", keep=[GRACE])


def test_a_cover_of_the_users_own_gets_all_faces(
    small_stage: Path, models: Models, tmp_path: Path
) -> None:
    class Crossed(CoveringEffect):
        counts: Sequence[int] = ()

        def __call__(self, image: RGBImage, faces: Faces) -> RGBImage:
            self.counts = [*self.counts, len(faces)]
            return super().__call__(image, faces)

        def _cover(self, drawn: RGBImage, box: np.ndarray) -> None:
            x, y = np.clip((box[:2] + box[2:]) / 2, 0, drawn.shape[1::-1]).astype(int)
            drawn[y : y + 2, x : x + 2] = 255

    effect = Crossed()
    made = apply_effect(small_stage, effect, tmp_path / "o.mp4", models=models)
    assert len(pictures(made.path)) == len(effect.counts)
    assert min(effect.counts) >= 1


BOX = (50.0, 50, 90, 100)


def known(source: PositionSource, confidence: float) -> KeptInVideo:
    row = np.array([BOX], np.float32)
    one = np.array([source], np.uint8), np.array([confidence], np.float32)
    return KeptInVideo([Trajectory("Ann", row, *one, np.array([0]))])


def visible(keeper: KeptInVideo, boxes: Sequence[Sequence[float]]) -> list[bool]:
    faces = Faces.of(np.array(boxes, np.float32).reshape(-1, 4), np.ones(len(boxes)))
    return [bool(own) for own in keeper.visible(np.zeros((9, 9, 3), np.uint8), faces, 0)]


def test_only_certain_positions_keep_a_face_visible() -> None:
    assert visible(known(PositionSource.DETECTED, 0.99), [BOX]) == [True]
    assert visible(known(PositionSource.TRACKED, 0.99), [BOX]) == [True]
    assert visible(known(PositionSource.DETECTED, 0.9), [BOX]) == [False]
    assert visible(known(PositionSource.INTERPOLATED, 0.99), [BOX]) == [False]


def test_a_position_keeps_one_face_only() -> None:
    sure = known(PositionSource.DETECTED, 0.99)
    beside = [edge + 10 for edge in BOX]
    assert visible(sure, [beside, BOX, [300, 50, 340, 100]]) == [False, True, False]
    assert visible(sure, [[edge + 30 for edge in BOX]]) == [False]
    assert visible(sure, []) == []
