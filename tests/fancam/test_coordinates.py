from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from closeup.errors import InputError, OutputError
from closeup.fancam.coordinates import (
    COLUMNS,
    YOLO_COLUMNS,
    read_coordinates,
    write_coordinates,
    write_coordinates_yolo,
)
from closeup.geometry import Size
from closeup.tracks import PositionSource, Trajectory

FRAME = Size(1920, 1080)

# A folder's name has no null, and Python's csv before 3.13 leaves a lone CR unquoted.
NAMES = st.characters(codec="utf-8", exclude_characters="\r\0")


def trajectory_of(name: str, count: int, seed: int, frame: Size = FRAME) -> Trajectory:
    rng = np.random.default_rng(seed)
    sources = rng.integers(0, 4, count).astype(np.uint8)
    corners = np.sort(rng.uniform(0, 1, (count, 2, 2)), axis=1) * frame - 0.5
    boxes = corners.reshape(count, 4).astype(np.float32)
    boxes[sources == PositionSource.ABSENT] = np.nan
    confidence = np.where(sources == PositionSource.ABSENT, 0, rng.random(count)).astype(np.float32)
    return Trajectory(name, boxes, sources, confidence, np.full(count, -1, np.int64))


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_one_row_a_frame_and_member_in_the_given_order(tmp_path: Path) -> None:
    members = [trajectory_of("Zoë", 3, 0), trajectory_of("Ann", 3, 1)]
    write_coordinates(tmp_path / "coordinates.csv", members, np.arange(3) / 3, FRAME)
    head, *rows = table(tmp_path / "coordinates.csv")
    assert head == list(COLUMNS)
    assert [(row[0], row[2]) for row in rows] == [
        (str(frame), name) for frame in range(3) for name in ("Zoë", "Ann")
    ]
    assert [row[1] for row in rows[::2]] == ["0.000000", "0.333333", "0.666667"]


def test_places_are_centre_and_size_in_shares_of_the_frame(tmp_path: Path) -> None:
    boxes = np.array([[-0.5, -0.5, 1919.5, 1079.5], [np.nan] * 4, [0, 0, 0, 0]], np.float32)
    sources = np.array(
        [PositionSource.DETECTED, PositionSource.ABSENT, PositionSource.TRACKED], np.uint8
    )
    sure = np.array([1, 0, 0.12345], np.float32)
    member = Trajectory("Ann", boxes, sources, sure, np.full(3, -1, np.int64))
    write_coordinates(tmp_path / "c.csv", [member], np.arange(3) / 25, FRAME)
    rows = table(tmp_path / "c.csv")[1:]
    whole = ["0.500000", "0.500000", "1.000000", "1.000000"]
    assert rows[0][3:] == [*whole, "detected", "1.000"]
    assert rows[1][3:] == ["", "", "", "", "absent", "0.000"]
    assert rows[2][3:5] == [f"{0.5 / 1920:.6f}", f"{0.5 / 1080:.6f}"]
    assert rows[2][7:] == ["tracked", "0.123"]


def test_yolo_rows_are_those_who_are_present(tmp_path: Path) -> None:
    members = [trajectory_of("Zoë", 2500, 0), trajectory_of("Ann", 2500, 1)]
    write_coordinates(tmp_path / "c.csv", members, np.arange(2500) / 25, FRAME)
    write_coordinates_yolo(tmp_path / "y.csv", members, FRAME)
    head, *rows = table(tmp_path / "y.csv")
    assert head == list(YOLO_COLUMNS)
    number = {"Zoë": "0", "Ann": "1"}
    assert rows == [
        [row[0], number[row[2]], *row[3:7]]
        for row in table(tmp_path / "c.csv")[1:]
        if row[7] != "absent"
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(NAMES, min_size=1), max_size=3, unique=True),
    st.integers(1, 20),
    st.builds(Size, st.integers(16, 8000), st.integers(16, 8000)),
    st.integers(0, 99),
)
def test_what_is_written_is_read_again(
    tmp_path: Path, names: list[str], count: int, frame: Size, seed: int
) -> None:
    members = [trajectory_of(name, count, seed + i, frame) for i, name in enumerate(names)]
    times = np.cumsum(np.random.default_rng(seed).integers(1, 10**6, count)) / 1e6
    write_coordinates(tmp_path / "c.csv", members, times, frame)
    read = read_coordinates(tmp_path / "c.csv", frame)
    assert list(read.trajectories) == names
    if names:
        np.testing.assert_array_equal(read.times, times)
    for member in members:
        again = read.trajectories[member.name]
        np.testing.assert_allclose(again.boxes, member.boxes, atol=2e-6 * max(frame))
        np.testing.assert_array_equal(again.sources, member.sources)
        np.testing.assert_allclose(again.confidence, member.confidence, atol=6e-4)


def test_a_long_video_is_written_and_read(tmp_path: Path) -> None:
    members = [trajectory_of(name, 12_345, seed) for seed, name in enumerate("abcd")]
    write_coordinates(tmp_path / "c.csv", members, np.arange(12_345) / 25, FRAME)
    read = read_coordinates(tmp_path / "c.csv", FRAME)
    assert len(read.times) == 12_345
    np.testing.assert_array_equal(read.trajectories["d"].sources, members[3].sources)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("old")
    with pytest.raises(ValueError, match="Ann: 3 positions but 2 times"):
        write_coordinates(path, [trajectory_of("Ann", 3, 0)], np.arange(2) / 25, FRAME)
    assert path.read_text() == "old"
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        write_coordinates(tmp_path / "file" / "c.csv", [], np.arange(0) / 25, FRAME)


GOOD = "frame,time,member,x,y,w,h,source,confidence\n0,0.0,Ann,0.5,0.5,0.1,0.1,detected,1\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no column called frame in its first line"),
        ("a,b\n1,2\n", "no column called frame in its first line"),
        ("frame,time\n1,2\n", "no column called member in its first line"),
        (GOOD + "1,0.1,Ann\n", "line 3: 3 cells in 9 columns"),
        (GOOD.replace("detected", "seen"), "line 2: source 'seen' is none of"),
        (GOOD.replace("detected", "absent"), "line 2: x, y, w and h must be empty"),
        (GOOD.replace("0.5,0.5", ","), "line 2: x, y, w and h must be empty"),
        (GOOD.replace("0.5", "half"), "line 2, x: 'half' is not a finite number"),
        (GOOD.replace("0.5", "nan"), "line 2, x: 'nan' is not a finite number"),
        (GOOD.replace(",1\n", ",2\n"), "line 2: the confidence 2 is not from 0 to 1"),
        (GOOD.replace("0,0.0", ",0.0"), "line 2: frame, time or confidence is empty"),
        (GOOD.replace("0,0.0", "0.5,0.0"), "line 2, frame: '0.5' is not a whole number"),
        (GOOD.replace("\n0,", "\n1,"), "frame 1 of Ann where frame 0 of Ann belongs"),
        (GOOD + GOOD.splitlines()[1] + "\n", "frame 0 of Ann where frame 1 of Ann belongs"),
        (
            GOOD + "0,0.0,Eve,,,,,absent,0\n1,0.1,Ann,,,,,absent,0\n",
            "the last frame lacks a member",
        ),
    ],
)
def test_a_broken_file_is_named_with_its_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "c.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=reason) as caught:
        read_coordinates(path, FRAME)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_spreadsheet_may_save_it_with_other_columns(tmp_path: Path, encoding: str) -> None:
    write_coordinates(tmp_path / "c.csv", [trajectory_of("Zoë", 3, 1)], np.arange(3) / 25, FRAME)
    before = read_coordinates(tmp_path / "c.csv", FRAME)
    lines = (tmp_path / "c.csv").read_text(encoding="utf-8").splitlines()
    changed = [f"note;{lines[0].replace(',', ';')}"]
    changed += [f'"1,5";{line.replace(",", ";").replace(".", ",")}' for line in lines[1:]]
    (tmp_path / "c.csv").write_bytes("\r\n".join(changed).encode(encoding))

    after = read_coordinates(tmp_path / "c.csv", FRAME)

    assert list(after.trajectories) == ["Zoë"]
    np.testing.assert_array_equal(after.times, before.times)
    np.testing.assert_array_equal(after.trajectories["Zoë"].boxes, before.trajectories["Zoë"].boxes)


def test_what_is_not_text_or_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv: no such file"):
        read_coordinates(tmp_path / "none.csv", FRAME)
    binary = tmp_path / "c.csv"
    binary.write_bytes(GOOD.encode() + b"\xff\xfe\n")
    with pytest.raises(InputError, match="line 3: 1 cells in 9 columns"):
        read_coordinates(binary, FRAME)
    binary.write_bytes(GOOD.encode() + b"\0\n")
    with pytest.raises(InputError):
        read_coordinates(binary, FRAME)
