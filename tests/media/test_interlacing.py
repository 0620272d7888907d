from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.geometry import Size
from closeup.media.interlacing import Fields, fields_of
from closeup.media.planes import Planes
from closeup.media.survey import survey
from closeup.media.video_reader import open_video
from tests.filming import Picture, film

SIZE = Size(720, 576)


def moment(tick: float) -> Picture:
    """A bright disc and stripes that move to the right, as they are at a moment."""
    y, x = np.mgrid[: SIZE.height, : SIZE.width]
    disc = (x - 100 - 6 * tick) ** 2 + (y - 280) ** 2 < 120**2
    stripes = (x - 6 * tick) % 90 < 30
    grey = np.where(disc, 220, np.where(stripes & (y > 420), 160, 50))
    return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)


def woven(number: int, *, top_first: bool) -> Picture:
    """One picture of two moments, the earlier in the even lines if ``top_first``."""
    picture = moment(2 * number + (0 if top_first else 1))
    picture[1::2] = moment(2 * number + (1 if top_first else 0))[1::2]
    return picture


def interlaced(path: Path, *, top_first: bool = True, flagged: bool = True) -> Path:
    pictures = [woven(i, top_first=top_first) for i in range(20)]
    order = "tff" if top_first else "bff"
    return film(path, pictures, options={"crf": "10"}, fields=order if flagged else None)


def combs(luma: NDArray[np.uint8]) -> float:
    """How much each line differs from both neighbours more than these differ from each other."""
    y = luma.astype(float)
    return float(np.maximum(np.abs(y[1:-1] - (y[:-2] + y[2:]) / 2) - 20, 0).mean())


@pytest.mark.parametrize("top_first", [True, False])
@pytest.mark.parametrize("flagged", [True, False])
def test_interlaced_pictures_are_deinterlaced_flagged_or_not(
    tmp_path: Path, top_first: bool, flagged: bool
) -> None:
    path = interlaced(tmp_path / "i.mp4", top_first=top_first, flagged=flagged)
    with av.open(str(path)) as container:
        stored = list(container.decode(video=0))[10]
    assert combs(Planes.of(stored).y) > 1
    with open_video(path) as video:
        frames = list(video)
        assert len(frames) == 20
        assert [f.timecode.seconds for f in frames] == [Fraction(i, 25) for i in range(20)]
        assert max(combs(frame.planes.y) for frame in frames) < 0.1
        assert combs(frames[10].gray()) < 0.1
        assert np.mean(np.abs(frames[10].gray().astype(float) - moment(20)[..., 0])) < 1
    wanted = (Fields.TOP_FIRST if top_first else Fields.BOTTOM_FIRST, Fields.FLAGGED)[flagged]
    assert survey(path).fields is wanted


def test_a_film_that_is_only_flagged_as_interlaced_stays_as_it_is(tmp_path: Path) -> None:
    pictures = [moment(2 * i) for i in range(20)]
    path = film(tmp_path / "p.mp4", pictures, options={"crf": "10"}, fields="tff")
    assert survey(path).fields is Fields.PROGRESSIVE


@pytest.mark.parametrize("size", [(720, 576), (640, 360)])
def test_progressive_pictures_are_passed_on_untouched(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    pictures = [moment(2 * i)[: size[1], : size[0]] for i in range(20)]
    path = film(tmp_path / "p.mp4", pictures)
    assert survey(path).fields is Fields.PROGRESSIVE
    with open_video(path) as video:
        assert not next(iter(video)).planes.y.flags.owndata


def test_a_range_is_deinterlaced_as_the_whole(tmp_path: Path) -> None:
    with open_video(interlaced(tmp_path / "i.mp4")) as video:
        whole = list(video)
        part = list(video.frames(whole[5].timecode, whole[9].timecode))
        assert [frame.timecode for frame in part] == [f.timecode for f in whole[5:9]]
        for one, other in zip(part, whole[5:9], strict=True):
            assert np.array_equal(one.planes.y, other.planes.y)


def test_progressive_pictures_are_read_only_as_far_as_it_takes(tmp_path: Path) -> None:
    path = film(tmp_path / "p.mp4", [moment(2 * i) for i in range(20)], options={"crf": "10"})
    with av.open(str(path)) as container:
        stored = list(container.decode(video=0))
    runs = [iter(stored), iter(stored)]
    assert fields_of(runs) is Fields.PROGRESSIVE
    assert all(sum(1 for _ in run) >= 10 for run in runs)


def test_a_progressive_beginning_does_not_hide_combs_later(tmp_path: Path) -> None:
    title = film(tmp_path / "p.mp4", [moment(2 * i) for i in range(20)])
    main = interlaced(tmp_path / "i.mp4", flagged=False)
    runs = []
    for path in (title, main, main):
        with av.open(str(path)) as container:
            runs.append(list(container.decode(video=0))[:16])
    assert fields_of(runs) is Fields.TOP_FIRST
