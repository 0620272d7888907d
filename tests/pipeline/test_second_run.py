"""A second run does again only what has changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from closeup import FancamOptions, Fancams, make_fancams
from closeup.errors import CorrectionsError
from closeup.settings import Settings
from tests.kept_models import kept
from tests.pipeline.running import Listener, files, pictures
from tests.small_stage import CUT, EILEEN, FRAMES, GRACE, RATE


class SecondRun:
    """Runs the job in a folder where it has been done, and sees what is touched."""

    def __init__(self, stage: Path, out: Path, settings: Settings) -> None:
        self.out = out
        self.listener = Listener()
        self._stage, self._settings = stage, settings
        self._before = self._state()

    def __call__(self, fix: Path | None = None, **choices: Any) -> Fancams:
        return make_fancams(
            self._stage,
            self._stage.parent / "members",
            self.out,
            FancamOptions(**choices),
            fix=fix,
            progress=self.listener,
            models=kept(self._settings),
        )

    def touched(self) -> set[str]:
        """Videos and chunks that were written or deleted."""
        after = self._state()
        return {name for name in after | self._before if after.get(name) != self._before.get(name)}

    def correct(self, **corrections: Any) -> None:
        (self.out / "corrections.json").write_text(json.dumps(corrections), encoding="utf-8")

    def _state(self) -> dict[str, int]:
        paths = [*self.out.glob("*.mp4"), *self.out.glob("analysis/chunk-*")]
        return {path.name: path.stat().st_mtime_ns for path in paths}


@pytest.fixture
def second_run(small_stage: Path, out: Path, settings: Settings) -> SecondRun:
    return SecondRun(small_stage, out, settings)


def alike(found: list[NDArray[np.uint8]], expected: list[NDArray[np.uint8]]) -> bool:
    """x264 rounds otherwise when it has more threads for fewer videos."""
    differences = [np.abs(a.astype(int) - b).mean() for a, b in zip(found, expected, strict=True)]
    return bool(max(differences) < 6)


def test_nothing_changed(second_run: SecondRun, finished: Fancams) -> None:
    results = [finished.coordinates.name, finished.page.name, "report.json"]
    before = {name: (second_run.out / name).read_bytes() for name in results}
    made = second_run()
    assert not second_run.touched()
    assert {"analysing", "Rendering"}.isdisjoint(second_run.listener.stages)
    assert {name: (second_run.out / name).read_bytes() for name in results} == before
    assert made.videos.keys() == finished.videos.keys()


def test_a_deleted_video_is_made_again_alone(second_run: SecondRun) -> None:
    path = second_run.out / "Grace.mp4"
    whole = pictures(path)
    path.unlink()
    second_run()
    assert second_run.touched() == {"Grace.mp4"}
    assert alike(pictures(path), whole)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def overwrite(path: Path) -> None:
    """Damage it without another length: the index comes first and stays as it is."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(content)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [cut, overwrite, flip, empty])
def test_a_damaged_video_is_made_again_alone(
    harm: Callable[[Path], None], second_run: SecondRun, finished: Fancams
) -> None:
    path = second_run.out / "Grace.mp4"
    harm(path)
    second_run()
    assert second_run.touched() == {"Grace.mp4"}
    assert alike(pictures(path), pictures(finished.videos[GRACE]))


@pytest.mark.parametrize("ledger", ["{", "[]", '{"Grace.mp4": 3}', '{"Grace.mp4": ["a", 1]}'])
def test_with_a_damaged_ledger_every_video_is_made_again(
    ledger: str, second_run: SecondRun
) -> None:
    path = second_run.out / "analysis" / "rendered.json"
    whole = json.loads(path.read_text())
    path.write_text(ledger)
    second_run()
    assert second_run.touched() == {"Eileen.mp4", "Grace.mp4"}
    assert json.loads(path.read_text()).keys() == whole.keys()


def test_who_a_tracklet_is_changes_only_their_videos(
    second_run: SecondRun, finished: Fancams
) -> None:
    (last,) = [
        row for row in finished.report["tracklets"] if row["member"] == GRACE and row["from"] >= 2
    ]
    second_run.correct(tracklets={str(last["id"]): None})
    made = second_run()
    assert second_run.touched() == {"Grace.mp4"}
    grace = made.solution.trajectories[1]
    assert grace.present[:CUT].all()
    assert not grace.present[CUT:].any()
    row = made.report["tracklets"][last["id"]]
    assert (row["member"], row["corrected"], row["confidence"]) == (None, True, 1.0)


def test_two_tracklets_can_be_exchanged(second_run: SecondRun, finished: Fancams) -> None:
    fixed = {
        str(row["id"]): GRACE if row["member"] == EILEEN else EILEEN
        for row in finished.report["tracklets"]
        if row["to"] <= 2
    }
    second_run.correct(tracklets=fixed)
    made = second_run()
    boxes = [trajectory.boxes[: CUT - 2] for trajectory in made.solution.trajectories]
    before = [trajectory.boxes[: CUT - 2] for trajectory in finished.solution.trajectories]
    assert np.array_equal(boxes[0], before[1])
    assert np.array_equal(boxes[1], before[0])


def test_two_tracklets_at_once_cannot_be_one_member(
    second_run: SecondRun, finished: Fancams
) -> None:
    first = [row for row in finished.report["tracklets"] if row["to"] <= 2]
    second_run.correct(tracklets={str(row["id"]): GRACE for row in first})
    with pytest.raises(CorrectionsError, match="are seen at the same time"):
        second_run()
    assert not second_run.touched()


def test_a_crop_by_hand(second_run: SecondRun) -> None:
    crop = {"member": EILEEN, "from": 0.5, "to": 1.0, "box": [200, 20, 280, 164]}
    second_run.correct(crops=[crop])
    made = second_run()
    assert second_run.touched() == {"Eileen.mp4"}
    windows = made.solution.paths[0].boxes()[RATE // 2 : RATE]
    assert np.allclose(windows, [200, 20, 280, 164], atol=1)


def test_a_file_of_corrections_by_its_name(second_run: SecondRun, tmp_path: Path) -> None:
    fix = tmp_path / "fix.json"
    fix.write_text('{"tracklets": {"0": null}}', encoding="utf-8-sig")
    made = second_run(fix=fix)
    assert made.report["tracklets"][0]["member"] is None
    assert made.report["tracklets"][0]["corrected"]


def test_a_name_in_another_unicode_form_is_the_same_name(
    small_stage: Path, tmp_path: Path, settings: Settings
) -> None:
    apart, composed = "Rose\N{COMBINING ACUTE ACCENT}", "Ros\N{LATIN SMALL LETTER E WITH ACUTE}"
    members = tmp_path / "members"
    (members / apart).mkdir(parents=True)
    photo = small_stage.parent / "members" / GRACE / "01.jpg"
    (members / apart / "1.jpg").write_bytes(photo.read_bytes())
    (members / apart / "2.jpg").write_bytes(b"rubbish")
    fix = tmp_path / "fix.json"
    for name in (apart, composed):
        fix.write_text(json.dumps({"tracklets": {"0": name}}))
        options = FancamOptions(video=False)
        made = make_fancams(
            small_stage, members, tmp_path / "out", options, fix=fix, models=kept(settings)
        )
        assert made.report["tracklets"][0]["member"] == composed
        assert [row["photo"] for row in made.report["members"][0]["photos_rejected"]] == ["2.jpg"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "Expecting property name"),
        ("[1]", "stands where an object in braces belongs"),
        ("[" * 100_000, "nested too deeply"),
        ('{"tracklets": {"0": "Nobody I know"}}', "nobody is called 'Nobody I know'"),
        ('{"tracklets": {"99": null}}', "there is no tracklet 99"),
        ('{"tracklets": {"-1": null}}', '"-1" is not the number of a tracklet'),
        ('{"tracklets": {"0": 1}}', "must be a name or null"),
        ('{"tracklets": null}', "null stands where an object in braces belongs"),
        ('{"crops": [{"member": "Ann", "from": 0, "to": 1, "box": [0, 0, 9, 9]}]}', "'Ann'"),
        ('{"crops": [{"member": "Grace", "to": 1, "box": [0, 0, 9, 9]}]}', "'from' is missing"),
        (
            '{"crops": [{"member": "Grace", "from": 0, "to": 1e999, "box": [0, 0, 9, 9]}]}',
            "Infinity is not a finite number",
        ),
        ("\udcff", "line 1: not UTF-8 text"),
    ],
)
def test_bad_corrections_change_nothing(
    content: str, reason: str, second_run: SecondRun, tmp_path: Path
) -> None:
    before = {name for name in files(second_run.out) if name != "corrections.json"}
    fix = second_run.out / "corrections.json"
    fix.write_bytes(content.encode("utf-8", "surrogateescape"))
    report = (second_run.out / "report.json").read_bytes()
    with pytest.raises(CorrectionsError, match=reason) as caught:
        second_run()
    assert "\n" not in str(caught.value)
    assert not second_run.touched()
    assert files(second_run.out) - {"corrections.json"} == before
    assert (second_run.out / "report.json").read_bytes() == report


@pytest.mark.parametrize("name", ["missing.json", ".", "f" * 300])
def test_corrections_that_cannot_be_read(name: str, second_run: SecondRun) -> None:
    with pytest.raises(CorrectionsError, match="cannot be read"):
        second_run(fix=second_run.out / name)


def test_more_members_need_no_new_analysis(
    small_stage: Path, tmp_path: Path, settings: Settings
) -> None:
    members = tmp_path / "members"
    members.mkdir()
    source = small_stage.parent / "members"
    (members / "Eileen.jpg").write_bytes((source / EILEEN / "01.jpg").read_bytes())
    make_fancams(small_stage, members, tmp_path / "out", models=kept(settings))
    eileen = tmp_path / "out" / "Eileen.mp4"
    before = eileen.stat().st_mtime_ns
    (members / "Grace.jpg").write_bytes((source / GRACE / "01.jpg").read_bytes())
    listener = Listener()
    make_fancams(small_stage, members, tmp_path / "out", models=kept(settings), progress=listener)
    assert "analysing" not in listener.stages
    assert eileen.stat().st_mtime_ns == before
    assert len(pictures(tmp_path / "out" / "Grace.mp4")) == FRAMES


def test_another_range_is_another_analysis(second_run: SecondRun) -> None:
    made = second_run(end=Fraction(1))
    assert "analysing" in second_run.listener.stages
    assert second_run.touched() == {"chunk-00000.npz", "Eileen.mp4", "Grace.mp4"}
    assert made.report["video"]["frames"] == RATE
