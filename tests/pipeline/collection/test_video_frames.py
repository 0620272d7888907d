"""Frames of videos as pictures: which, with what manifest, and after an interruption."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from closeup.errors import Cancelled, InputError, OutputError
from closeup.media.images import read_image
from closeup.media.video_reader import open_video
from closeup.pipeline.collection import video_frames
from closeup.pipeline.collection.collect_options import CollectOptions
from closeup.pipeline.collection.frame_faces import FaceRequirements
from closeup.pipeline.collection.video_frames import Collected, collect_video
from closeup.progress import Progress, Silent
from closeup.settings import Settings
from tests.filming import film, number_in, numbered
from tests.kept_models import kept
from tests.listening import Listener
from tests.small_stage import CUT, EILEEN, FRAMES, GRACE, RATE

ANY = FaceRequirements()


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds in which each frame shows its number."""
    pictures = [numbered(number, 96, 64) for number in range(50)]
    return film(tmp_path_factory.mktemp("videos") / "밤 count.mp4", pictures)


def collect(
    video: Path | list[Path],
    out: Path,
    options: CollectOptions | None = None,
    settings: Settings | None = None,
    members: Path | None = None,
    progress: Progress | None = None,
) -> Collected:
    videos = video if isinstance(video, list) else [video]
    models = None if settings is None else kept(settings)
    return collect_video(
        videos, out, options, members=members, detector="yunet-n", models=models, progress=progress
    )


def rows(collected: Collected) -> list[dict[str, str]]:
    with collected.table.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def frames(collected: Collected) -> list[int]:
    return [int(row["frame"]) for row in rows(collected)]


def test_the_manifest_says_which_frame_a_picture_is(counting: Path, tmp_path: Path) -> None:
    made = collect(counting, tmp_path / "out", CollectOptions(every=12))
    assert frames(made) == [0, 12, 24, 36, 48]
    for row in rows(made):
        path = made.folder / row["file"]
        assert number_in(read_image(path)) == int(row["frame"])
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
        assert float(row["seconds"]) == int(row["frame"]) / 25
        assert (row["source"], row["width"], row["height"]) == (str(counting), "96", "64")
        assert (row["faces"], row["member"]) == ("", "")
    assert rows(made)[2]["file"] == "밤 count_f000024_t0000.960.jpg"
    assert (made.document["pictures"], made.document["frames"]) == (5, 5)
    (source,) = made.document["key"]["sources"]
    assert source["sha256"] == hashlib.sha256(counting.read_bytes()).hexdigest()
    assert {path.suffix for path in made.folder.iterdir()} == {".jpg", ".csv", ".json"}


def test_one_in_half_a_second_and_every_fifteenth(counting: Path, tmp_path: Path) -> None:
    halves = CollectOptions(seconds=Fraction(1, 2))
    assert frames(collect(counting, tmp_path / "a", halves)) == [0, 13, 25, 38]
    assert frames(collect(counting, tmp_path / "b")) == [0, 15, 30, 45]


def test_two_frames_of_each_shot(small_stage: Path, tmp_path: Path) -> None:
    found = frames(collect(small_stage, tmp_path / "out", CollectOptions(of_shots=2)))
    rest = FRAMES - CUT
    assert found == [CUT // 4, 3 * CUT // 4, CUT + rest // 4, CUT + int(0.75 * rest)]


def test_only_frames_with_faces_that_are_large_and_sharp(
    small_stage: Path, tmp_path: Path, settings: Settings
) -> None:
    options = CollectOptions(every=7, faces=FaceRequirements(height=30, detail=0.05))
    found = rows(collect(small_stage, tmp_path / "some", options, settings))
    assert len(found) >= 3
    for row in found:
        assert float(row["face_height"]) >= 30
        assert float(row["detail"]) >= 0.05
        assert int(row["faces"]) in (1, 2)
    impossible = replace(options, faces=FaceRequirements(height=170))
    nothing = collect(small_stage, tmp_path / "none", impossible, settings)
    assert rows(nothing) == []
    assert nothing.document["without_wanted_faces"] == nothing.document["frames"] == 6


def test_only_frames_with_a_member(small_stage: Path, tmp_path: Path, settings: Settings) -> None:
    """Grace leaves at the end of the second shot."""
    options = CollectOptions(every=3, faces=FaceRequirements(members=frozenset({GRACE})))
    members = small_stage.parent / "members"
    found = rows(collect(small_stage, tmp_path / "out", options, settings, members))
    assert {row["member"] for row in found} == {GRACE}
    assert all(float(row["confidence"]) > 0.5 for row in found)
    shown = [int(row["frame"]) for row in found]
    assert len(shown) >= 6
    assert max(shown) < FRAMES - RATE // 3
    both = replace(options, faces=FaceRequirements(members=frozenset({GRACE, EILEEN})))
    more = frames(collect(small_stage, tmp_path / "both", both, settings, members))
    assert set(shown) < set(more)


def test_the_most_different_frames(tmp_path: Path, settings: Settings) -> None:
    """A long still and three short ones: one frame of each."""
    stills = [numbered(number, 96, 64) for number in (0, 21, 42, 63)]
    pictures = [*[stills[0]] * 40, *(still for still in stills[1:] for _ in range(3))]
    video = film(tmp_path / "stills.mp4", pictures)
    made = collect(video, tmp_path / "out", CollectOptions(every=1, diverse=4))
    shown = {number_in(read_image(made.folder / row["file"])) for row in rows(made)}
    assert shown == {0, 21, 42, 63}
    assert len(list(made.folder.glob("*.jpg"))) == 4
    assert (made.document["pictures"], made.document["frames"]) == (4, 49)


def test_faces_differ_too(small_stage: Path, tmp_path: Path, settings: Settings) -> None:
    options = CollectOptions(every=4, diverse=3, faces=ANY)
    made = collect(small_stage, tmp_path / "out", options, settings)
    assert len(rows(made)) == 3
    assert {frame >= CUT for frame in frames(made)} == {True, False}


def test_videos_of_one_name_keep_their_pictures(counting: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    other = Path(shutil.copy(counting, tmp_path / "b" / counting.name))
    made = collect([counting, other], tmp_path / "out", CollectOptions(every=25))
    assert [row["file"] for row in rows(made)] == [
        "밤 count_f000000_t0000.000.jpg", "밤 count_f000025_t0001.000.jpg",
        "밤 count 2_f000000_t0000.000.jpg", "밤 count 2_f000025_t0001.000.jpg",
    ]  # fmt: skip
    assert {row["source"] for row in rows(made)} == {str(counting), str(other)}


class Stopping(Silent):
    """Cancels after so many frames."""

    def __init__(self, frames: int) -> None:
        self.left = frames

    def advance(self, frames: int = 1) -> None:
        self.left -= frames
        if self.left < 0:
            raise Cancelled


@pytest.mark.parametrize("stop", [0, 1, 5, 9, 14, 19, 24])
@pytest.mark.parametrize(
    "options",
    [
        CollectOptions(every=4),
        CollectOptions(seconds=Fraction(1, 10)),
        CollectOptions(of_shots=9),
        CollectOptions(every=4, diverse=6),
    ],
    ids=["every", "seconds", "shots", "diverse"],
)
def test_an_interrupted_run_goes_on(
    counting: Path,
    tmp_path: Path,
    options: CollectOptions,
    stop: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(video_frames, "_MARKED", 3)
    monkeypatch.setattr("closeup.pipeline.collection.different_pictures._LEAST", 12)
    monkeypatch.setattr("closeup.pipeline.collection.different_pictures._TIMES", 2)
    whole = collect([counting, counting], tmp_path / "whole", options)
    out = tmp_path / "out"
    videos = [counting, counting]
    with pytest.raises(Cancelled):
        collect(videos, out, options, progress=Stopping(stop))
    assert not (out / "manifest.csv").exists()
    again = collect(videos, out, options)
    assert rows(again) == rows(whole)
    names = sorted(path.name for path in whole.folder.iterdir())
    assert sorted(path.name for path in out.iterdir()) == names
    for name in names:
        assert (out / name).read_bytes() == (whole.folder / name).read_bytes()


def test_a_complete_run_is_not_repeated(counting: Path, tmp_path: Path) -> None:
    made = collect(counting, tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in made.folder.iterdir()}
    assert collect(counting, tmp_path / "out").document == made.document
    assert {path: path.stat().st_mtime_ns for path in made.folder.iterdir()} == before
    with pytest.raises(InputError, match="every 15 instead of 4"):
        collect(counting, tmp_path / "out", CollectOptions(every=4))
    with pytest.raises(InputError, match="other videos"):
        collect([counting, counting], tmp_path / "out")


def test_videos_that_cannot_be_read_are_left_out(counting: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    heard = Listener()
    made = collect([broken, tmp_path / "gone.mp4", counting], tmp_path / "out", progress=heard)
    assert frames(made) == [0, 15, 30, 45]
    assert [line for line in heard.lines if "it is left out" in line] == made.document["notes"]
    assert len(made.document["notes"]) == 2
    with pytest.raises(InputError, match=r"no video can be read; the last: .*gone\.mp4"):
        collect([broken, tmp_path / "gone.mp4"], tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_the_beginning_of_a_video_that_ends_early(tmp_path: Path) -> None:
    cut = film(tmp_path / "cut.mkv", [numbered(n, 96, 64) for n in range(50)])
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 2 // 3])
    made = collect(cut, tmp_path / "out", CollectOptions(every=5))
    with open_video(cut) as reader:
        count = sum(1 for _ in reader)
    assert frames(made) == list(range(0, count, 5))
    assert any("ends early" in note for note in made.document["notes"])


def test_a_turned_video(counting: Path, tmp_path: Path) -> None:
    made = collect(counting, tmp_path / "out", CollectOptions(every=49, rotate=90))
    image = read_image(made.folder / rows(made)[1]["file"])
    assert image.shape == (96, 64, 3)
    assert number_in(np.ascontiguousarray(np.rot90(image))) == 49


@pytest.mark.parametrize(
    ("options", "members", "reason"),
    [
        (CollectOptions(faces=FaceRequirements(members=frozenset({"Ann"}))), False, "the folder"),
        (CollectOptions(faces=FaceRequirements(members=frozenset({"Ann"}))), True,
         "Ann is no member; the members are Eileen, Grace"),
    ],
    ids=["no photos", "unknown"],
)  # fmt: skip
def test_members_must_be_known(
    options: CollectOptions,
    members: bool,
    reason: str,
    small_stage: Path,
    tmp_path: Path,
    settings: Settings,
) -> None:
    photos = small_stage.parent / "members" if members else None
    with pytest.raises(InputError, match=reason):
        collect(small_stage, tmp_path / "out", options, settings, photos)
    assert not (tmp_path / "out").exists()


def test_no_video_and_no_folder(counting: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no video to collect from"):
        collect([], tmp_path / "out")
    with pytest.raises(OutputError, match="it is a file"):
        collect(counting, counting)
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "manifest.csv").write_text("my own\n")
    with pytest.raises(InputError, match=r"holds manifest\.csv of something else"):
        collect(counting, tmp_path / "used")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"every": 3, "of_shots": 1}, "not by two"),
        ({"every": 0}, "1 or more, not 0"),
        ({"seconds": Fraction(0)}, "more than 0 seconds"),
        ({"of_shots": 0}, "1 frame of a shot or more"),
        ({"diverse": 0}, "keep 1 frame or more"),
        ({"quality": 101}, "quality must be 1 to 100"),
        ({"rotate": 45}, "rot"),
    ],
)
def test_options_that_mean_nothing(options: dict[str, int], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        CollectOptions(**options)  # type: ignore[arg-type]


def test_a_limit_below_zero() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        FaceRequirements(height=-1)


def test_the_document_can_be_read(counting: Path, tmp_path: Path) -> None:
    made = collect(counting, tmp_path / "out")
    document = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))
    assert document["key"]["options"]["every"] == 15
    assert document["pictures"] == 4
