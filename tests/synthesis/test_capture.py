from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from closeup.errors import InputError
from closeup.geometry import Size
from closeup.synthesis.capture import Capture
from closeup.synthesis.costumes import WARDROBE
from closeup.synthesis.scene import Scene
from closeup.testing import Act, Key, Look, Passage, Performer, Shot, eileen_collins, render

SIZE = Size(320, 180)
EILEEN = Performer("Eileen", (eileen_collins(),), WARDROBE[0])


def scene(*shots: Shot, **capture: Any) -> Scene:
    made = Capture(glow=0, **capture)
    return Scene((EILEEN,), shots, SIZE, noise=0, lively=False, capture=made, detail=48)


def moving(speed: float, *, number: int = 0) -> Shot:
    keys = (Key(0, 0.2, 0.5, 0.3), Key(1, 0.2 + speed, 0.5, 0.3))
    return Shot(0.4, (Act("Eileen", keys),), backdrop=number)


def sharpness(scene: Scene) -> float:
    picture, (row, *_) = list(render(scene))[5]
    x1, y1, x2, y2 = (round(edge) for edge in (row.box.x1, row.box.y1, row.box.x2, row.box.y2))
    face = picture[y1:y2, x1:x2].mean(axis=2)
    return float(np.abs(np.diff(face, axis=1)).mean())


def test_a_moving_face_is_smeared_by_an_open_shutter_and_a_still_one_is_not() -> None:
    assert sharpness(scene(moving(0.6), shutter=1)) < 0.7 * sharpness(scene(moving(0.6)))
    still = sharpness(scene(moving(0.0), shutter=1))
    assert still == pytest.approx(sharpness(scene(moving(0.0))))


def test_the_smear_leaves_the_face_where_the_truth_says() -> None:
    for shot in (moving(0.6), moving(-0.15)):
        sharp, smeared = ([r for _, r in render(scene(shot, shutter=s))] for s in (0, 1))
        assert sharp == smeared
    frames = [next(render(scene(moving(0.6), shutter=s)))[0].astype(int) for s in (0, 1)]
    weights = [np.abs(frame - frames[0][0, 0]).sum(axis=2) for frame in frames]
    middles = [(w * np.arange(SIZE.width)).sum() / w.sum() for w in weights]
    assert middles[0] == pytest.approx(middles[1], abs=1.5)


def test_a_soft_lens_and_a_short_exposure_blur_and_darken() -> None:
    plain = scene(moving(0))
    assert sharpness(replace(plain, capture=Capture(softness=2, glow=0))) < sharpness(plain)
    dark, _ = next(render(replace(plain, capture=Capture(exposure=0.5, glow=0))))
    bright, _ = next(render(plain))
    assert dark.mean() == pytest.approx(bright.mean() / 2, rel=0.05)


def test_bars_are_black_and_hide_what_is_behind_them() -> None:
    keys = (Key(0, 0.3, 0.05, 0.3),)
    barred = scene(Shot(0.1, (Act("Eileen", keys),)), bars=0.2)
    picture, (row,) = next(render(barred))
    assert not picture[:36].any()
    assert not picture[-36:].any()
    assert picture[36:-36].any()
    assert not row.visible


def test_a_blended_cut_mixes_the_last_frame_with_the_next_shot() -> None:
    shots = moving(0), moving(0, number=1)
    plain, blended = (
        [picture.astype(int) for picture, _ in render(scene(*shots, blended=b))]
        for b in (False, True)
    )
    cut = len(plain) // 2
    np.testing.assert_array_equal(blended[cut - 2], plain[cut - 2])
    np.testing.assert_array_equal(blended[cut], plain[cut])
    assert np.abs(blended[cut - 1] - (plain[cut - 1] + plain[cut]) / 2).max() <= 1


@pytest.mark.parametrize(
    "wrong", [{"shutter": 1.2}, {"bars": 0.5}, {"crf": 52}, {"exposure": -1}, {"softness": 99}]
)
def test_a_value_out_of_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        Capture(**wrong)  # type: ignore[arg-type]


def test_a_picture_of_another_size_is_refused() -> None:
    small = np.zeros((90, 160, 3), np.uint8)
    with pytest.raises(InputError, match="160x90 in a scene of 320x180"):
        scene(Shot(0.4, (), picture=small))


def test_a_shot_has_its_own_picture() -> None:
    green = np.full((SIZE.height, SIZE.width, 3), (0, 90, 0), np.uint8)
    picture, _ = next(render(scene(Shot(0.1, (), picture=green))))
    np.testing.assert_array_equal(picture, green)


def test_a_performer_who_turns_aside_needs_profiles() -> None:
    act = Act("Eileen", (Key(0, 0.5, 0.5, 0.3),), (Passage(Look.PROFILE, 0.1, 0.3),))
    with pytest.raises(InputError, match="0 profiles for 1 portraits"):
        scene(Shot(0.4, (act,)))


def test_a_cap_covers_the_hair_but_not_the_mouth() -> None:
    act = Act("Eileen", (Key(0, 0.5, 0.5, 0.4),))
    bare = scene(Shot(0.1, (act,)))
    capped = replace(EILEEN, costume=replace(WARDROBE[0], cap=(200, 0, 200)))
    (plain, (row,)), (worn, _) = (
        next(render(replace(bare, performers=(performer,)))) for performer in (EILEEN, capped)
    )
    changed = np.abs(plain.astype(int) - worn).sum(axis=2) > 60
    middle = round(row.box.centre[1])
    assert changed[:middle].any()
    assert not changed[middle:].any()
