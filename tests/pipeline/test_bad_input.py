"""What cannot be used is refused in one line, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from closeup import CloseupError, FancamOptions, Fancams, make_fancams
from closeup.errors import MembersError, OutputError, RangeError, VideoError
from closeup.settings import Settings
from tests.filming import film, numbered
from tests.kept_models import kept
from tests.pipeline.running import Listener, files, length, pictures
from tests.small_stage import EILEEN, FRAMES, GRACE, RATE

Refusal = Callable[..., str]


@pytest.fixture
def refusal(small_stage: Path, settings: Settings, tmp_path: Path) -> Refusal:
    """Runs the job, which must fail; gives the message."""

    def run(
        video: Path | None = None,
        members: Path | None = None,
        out: Path | None = None,
        options: FancamOptions | None = None,
        error: type[CloseupError] = VideoError,
    ) -> str:
        out = out or tmp_path / "out"
        with pytest.raises(error) as caught:
            make_fancams(
                video or small_stage,
                members or small_stage.parent / "members",
                out,
                options,
                models=kept(settings),
            )
        assert "\n" not in str(caught.value)
        assert not os.path.isdir(out)  # noqa: PTH112 - which takes a name of any length
        return str(caught.value)

    return run


def sound_only(path: Path) -> Path:
    film(path.with_suffix(".mkv"), [numbered(i, 96, 64) for i in range(25)], sound="aac")
    with av.open(str(path.with_suffix(".mkv"))) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    return path


def test_what_is_not_a_video_is_refused(
    refusal: Refusal, small_stage: Path, tmp_path: Path
) -> None:
    text, empty, cut = (tmp_path / name for name in ("text.mp4", "empty.mp4", "cut.mp4"))
    text.write_text("not a video\n" * 100)
    empty.touch()
    cut.write_bytes(small_stage.read_bytes()[:20_000])
    photo = small_stage.parent / "members" / EILEEN / "01.jpg"
    assert "no such file" in refusal(tmp_path / "none.mp4")
    assert "is a folder" in refusal(tmp_path)
    assert "cannot be opened" in refusal(text)
    assert "cannot be opened" in refusal(empty)
    assert "cannot be opened" in refusal(cut)
    assert "too long" in refusal(tmp_path / ("v" * 300))
    assert "is a single picture; name a video" in refusal(photo)
    assert "no video stream" in refusal(sound_only(tmp_path / "sound.m4a"))


@pytest.mark.parametrize("suffix", [".png", ".webp", ".bmp"])
def test_a_picture_of_any_kind_is_not_a_video(
    suffix: str, refusal: Refusal, tmp_path: Path
) -> None:
    path = tmp_path / f"stage{suffix}"
    cv2.imwrite(str(path), numbered(1, 96, 64))
    assert "is a single picture" in refusal(path)


def test_a_name_that_looks_like_a_protocol_is_a_file_all_the_same(
    small_stage: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(small_stage, tmp_path / "live:1.mp4")
    monkeypatch.chdir(tmp_path)
    made = make_fancams(
        "live:1.mp4", small_stage.parent / "members", "take:2", models=kept(settings)
    )
    assert len(pictures(tmp_path / made.videos[EILEEN])) == FRAMES


@pytest.mark.parametrize("start", [100, Fraction(10) ** 30])
def test_a_range_without_a_frame(start: Fraction, refusal: Refusal) -> None:
    options = FancamOptions(start=Fraction(start))
    assert "check --from and --to" in refusal(options=options, error=RangeError)


def test_a_range_without_a_frame_leaves_an_older_analysis_alone(
    small_stage: Path, out: Path, settings: Settings
) -> None:
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    options = FancamOptions(start=Fraction(100))
    with pytest.raises(RangeError):
        make_fancams(
            small_stage, small_stage.parent / "members", out, options, models=kept(settings)
        )
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_no_members(refusal: Refusal, tmp_path: Path) -> None:
    text = tmp_path / "text"
    (text / "sub").mkdir(parents=True)
    (text / "Ann.txt").write_text("no photo")
    assert "no such folder" in refusal(members=tmp_path / "none", error=MembersError)
    assert "no photo of anybody" in refusal(members=text, error=MembersError)
    assert "cannot be read as a folder" in refusal(members=text / "Ann.txt", error=MembersError)
    assert "too long" in refusal(members=tmp_path / ("m" * 300), error=MembersError)


def test_a_member_without_a_usable_photo_is_named(
    refusal: Refusal, small_stage: Path, tmp_path: Path
) -> None:
    members = Path(shutil.copytree(small_stage.parent / "members", tmp_path / "members"))
    (members / GRACE / "01.jpg").write_bytes(b"rubbish")
    message = refusal(members=members, error=MembersError)
    assert message.startswith("Grace: no photo can be used (01.jpg: is not a picture")


@pytest.mark.parametrize("place", ["file/out", "file", "/proc/out", "o" * 300])
def test_an_output_folder_that_cannot_be(place: str, refusal: Refusal, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = refusal(out=tmp_path / place, error=OutputError)
    assert message.startswith("cannot write to ")
    assert "choose another folder" in message


def test_a_folder_in_which_nothing_can_be_written(small_stage: Path, settings: Settings) -> None:
    with pytest.raises(OutputError, match="cannot write to /proc"):
        make_fancams(small_stage, small_stage.parent / "members", "/proc", models=kept(settings))


def test_the_stage_video_is_never_replaced(
    small_stage: Path, settings: Settings, tmp_path: Path
) -> None:
    stage = tmp_path / f"{EILEEN}.mp4"
    shutil.copy(small_stage, stage)
    with pytest.raises(OutputError, match="would be replaced"):
        make_fancams(stage, small_stage.parent / "members", tmp_path, models=kept(settings))
    assert stage.read_bytes() == small_stage.read_bytes()
    assert not list(tmp_path.glob(".*"))


def remuxed(stage: Path, target: Path) -> Path:
    with av.open(str(stage)) as source, av.open(str(target), "w") as output:
        streams = {
            stream: output.add_stream_from_template(stream)
            for stream in (source.streams.video[0], source.streams.audio[0])
        }
        for packet in source.demux(*streams):
            if packet.size:
                packet.stream = streams[packet.stream]  # type: ignore[index]
                output.mux(packet)
    return target


@pytest.mark.parametrize("suffix", [".mkv", ".ts"])
def test_what_can_be_read_of_a_truncated_video_is_used(
    suffix: str, small_stage: Path, settings: Settings, tmp_path: Path
) -> None:
    stage = remuxed(small_stage, tmp_path / f"cut{suffix}")
    whole = stage.read_bytes()
    stage.write_bytes(whole[: len(whole) * 3 // 5])
    listener = Listener()
    made = make_fancams(
        stage,
        small_stage.parent / "members",
        tmp_path / "out",
        models=kept(settings),
        progress=listener,
    )
    frames = made.report["video"]["frames"]
    assert 10 < frames < FRAMES
    for path in made.videos.values():
        assert len(pictures(path)) == frames
        assert length(path, "audio") == pytest.approx(frames / RATE, abs=0.4)
    if suffix == ".mkv":  # a transport stream may end anywhere
        ended = made.report["video"]["ended_early"]
        (moment,) = re.findall(r"ends early, at (\S+) s", ended)
        assert float(moment) == pytest.approx((frames - 1) / RATE, abs=0.03)
        assert ended in listener.lines
        assert ended in made.page.read_text(encoding="utf-8")


def odd_size(path: Path, stage: Path) -> Path:
    frames = [
        np.ascontiguousarray(cv2.resize(picture, (321, 181)), np.uint8)
        for picture in pictures(stage)
    ]
    return film(path.with_suffix(".mkv"), frames, pix_fmt="yuv444p", rate=Fraction(RATE))


def upright(path: Path, stage: Path) -> Path:
    frames = [np.ascontiguousarray(np.rot90(picture, -1)) for picture in pictures(stage)]
    return film(path, frames, rate=Fraction(RATE), rotation=90)


def irregular(path: Path, stage: Path) -> Path:
    stamps = np.cumsum([40 if number % 3 else 170 for number in range(FRAMES)])
    return film(
        path,
        pictures(stage),
        rate=Fraction(RATE),
        stamps=[int(stamp) for stamp in stamps],
        time_base=Fraction(1, 1000),
        sound="aac",
    )


@pytest.mark.parametrize("make", [odd_size, upright, irregular])
def test_unusual_videos_work(
    make: Callable[[Path, Path], Path], small_stage: Path, settings: Settings, tmp_path: Path
) -> None:
    stage = make(tmp_path / "stage.mp4", small_stage)
    members = small_stage.parent / "members"
    options = FancamOptions(grid=True, preview=True)
    made = make_fancams(stage, members, tmp_path / "out", options, models=kept(settings))
    seen = {row["name"]: row["seconds"]["absent"] for row in made.report["members"]}
    assert seen[EILEEN] == 0
    assert seen[GRACE] < made.report["video"]["seconds"] / 2
    for path in (*made.videos.values(), made.grid, made.preview):
        assert path is not None
        assert times(path) == pytest.approx(times(stage), abs=1e-3)


def times(video: Path) -> list[float]:
    """When each frame is shown, counted from the first."""
    with av.open(str(video)) as container:
        found = [float(frame.time or 0) for frame in container.decode(video=0)]
    return [time - found[0] for time in found]


NAMES = [
    "Rosé 💃",
    'a "b" <img src=x> & c: *?',
    "grid",
    "Preview",
    "ليلى",
    "지" * 80,
    " . ",
    "two\nlines",
    "Ros\udce9",  # a byte that is no UTF-8
    "CON",
]


@pytest.mark.parametrize("first", NAMES[::2])
def test_names_of_any_kind(
    first: str, small_stage: Path, settings: Settings, tmp_path: Path
) -> None:
    second = NAMES[NAMES.index(first) + 1]
    members = tmp_path / "members"
    for name, original in ((first, EILEEN), (second, GRACE)):
        shutil.copytree(small_stage.parent / "members" / original, members / name)
    options = FancamOptions(grid=True, preview=True, end=Fraction(1))
    made = make_fancams(small_stage, members, tmp_path / "out", options, models=kept(settings))
    assert len(made.videos) == 2
    for path in (*made.videos.values(), made.grid, made.preview):
        assert path is not None
        assert path.parent == tmp_path / "out"
        assert len(pictures(path)) == RATE
    assert len({*made.videos.values(), made.grid, made.preview}) == 4
    assert "<img src=x>" not in made.page.read_text(encoding="utf-8")
    assert not [name for name in files(tmp_path / "out") if name.startswith(".")]


def test_names_that_differ_only_in_case(
    small_stage: Path, settings: Settings, tmp_path: Path
) -> None:
    members = tmp_path / "members"
    shutil.copytree(small_stage.parent / "members" / EILEEN, members / "Ann")
    shutil.copytree(small_stage.parent / "members" / GRACE, members / "ANN")
    made = make_fancams(small_stage, members, tmp_path / "out", models=kept(settings))
    assert [path.name for path in made.videos.values()] == ["ANN.mp4", "Ann 2.mp4"]


def test_two_members_who_are_one_person_are_named_and_the_run_goes_on(
    small_stage: Path, settings: Settings, tmp_path: Path
) -> None:
    members = Path(shutil.copytree(small_stage.parent / "members", tmp_path / "members"))
    shutil.copytree(members / EILEEN, members / "Ellen")
    listener = Listener()
    made: Fancams = make_fancams(
        small_stage, members, tmp_path / "out", models=kept(settings), progress=listener
    )
    assert "Eileen and Ellen look like the same person; check their photos" in listener.lines
    assert GRACE in made.videos
    assert len(made.videos) == 1, "which of the two names is right cannot be said"
