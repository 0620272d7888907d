from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.errors import CorrectionsError
from closeup.fancam.assign import NOBODY
from closeup.fancam.camera.overrides import CropOverride
from closeup.fancam.corrections import Corrections, read_corrections
from closeup.fancam.persons import VideoPerson
from closeup.geometry import Size

Numbered = tuple[tuple[int, str | None], ...]


def person(*tracklets: int) -> VideoPerson:
    return VideoPerson(tracklets, (5.0,) * len(tracklets), (5.0,) * len(tracklets))


def write(folder: Path, content: object) -> Path:
    path = folder / "corrections.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_reads_all_that_can_be_corrected(tmp_path: Path) -> None:
    crop = {"member": "Rosé", "from": 12.3, "to": 14, "box": [1, 2, 30, 40]}
    content = {
        "persons": {"3": "Lisa", "8": None},
        "tracklets": {"17": "Rosé", "4": None},
        "crops": [crop],
    }
    found = read_corrections(write(tmp_path, content))
    assert found.persons == ((3, "Lisa"), (8, None))
    assert found.named == ("Lisa",)
    assert found.tracklets == ((17, "Rosé"), (4, None))
    assert found.document() == content
    assert found.crops == (("Rosé", CropOverride(12.3, 14.0, 1, 2, 30, 40)),)
    assert found.crops_of("Jisoo", ["Jisoo", "Rosé"]) == []


NAMES = ("Ann", "Bea")
PERSONS = [person(0, 3, 5), person(1), person(2, 4), person(6)]
APART = np.zeros((7, 7), bool)


def test_one_line_names_all_tracklets_of_a_person() -> None:
    lines = Corrections(persons=((5, "Bea"), (6, None)))
    assert lines.fixed(NAMES, PERSONS, APART) == {0: 1, 3: 1, 5: 1, 6: NOBODY}


def test_the_line_of_a_tracklet_takes_precedence() -> None:
    lines = Corrections(persons=((0, "Ann"),), tracklets=((3, None), (5, "Bea"), (1, "Bea")))
    assert lines.fixed(NAMES, PERSONS, APART) == {0: 0, 3: NOBODY, 5: 1, 1: 1}


def test_two_lines_about_one_person_may_agree_only() -> None:
    same = Corrections(persons=((0, "Ann"), (3, "Ann")))
    assert same.fixed(NAMES, PERSONS, APART) == {0: 0, 3: 0, 5: 0}
    different = Corrections(persons=((0, "Ann"), (3, None)))
    with pytest.raises(CorrectionsError, match='"0": "Ann" in persons and "3": null in persons'):
        different.fixed(NAMES, PERSONS, APART)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (Corrections(persons=((0, "Ann"), (2, "Ann"))), '"2": "Ann" in persons and "0": "Ann" in'),
        (Corrections(persons=((0, "Ann"),), tracklets=((4, "Ann"),)), '"4": "Ann" in tracklets'),
        (Corrections(tracklets=((4, "Ann"), (5, "Ann"))), '"5": "Ann" in tracklets'),
    ],
)
def test_nobody_is_two_heads_at_once(lines: Corrections, told: str) -> None:
    conflicts = APART.copy()
    conflicts[4, 5] = conflicts[5, 4] = True
    with pytest.raises(CorrectionsError, match="tracklets 4 and 5 are seen at the same") as caught:
        lines.fixed(NAMES, PERSONS, conflicts)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert lines.fixed(NAMES, PERSONS, APART)


def test_a_wrongly_joined_tracklet_resolves_the_contradiction() -> None:
    conflicts = APART.copy()
    conflicts[4, 5] = conflicts[5, 4] = True
    lines = Corrections(persons=((0, "Ann"), (2, "Ann")), tracklets=((4, "Bea"),))
    assert lines.fixed(NAMES, PERSONS, conflicts) == {0: 0, 3: 0, 5: 0, 2: 0, 4: 1}


names = st.none() | st.text(min_size=1).filter(lambda text: text.strip() != "")
numbered = st.dictionaries(st.integers(0, 10**6), names).map(lambda d: tuple(d.items()))


@given(numbered, numbered)
def test_a_document_is_read_as_the_same_corrections(
    tmp_path_factory: pytest.TempPathFactory, persons: Numbered, tracklets: Numbered
) -> None:
    crop = ("Rosé", CropOverride(1.5, 2.25, -1, 2, 30, 40))
    lines = Corrections(persons, tracklets, (crop,))
    folder = tmp_path_factory.getbasetemp()
    found = read_corrections(write(folder, lines.document()))
    assert found.document() == read_corrections(write(folder, found.document())).document()
    assert [number for number, _ in found.persons] == [number for number, _ in persons]
    assert found.crops == lines.crops


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        {"tracklet": {}},
        {"tracklets": {"x": "Ann"}},
        {"tracklets": {"1": 5}},
        {"tracklets": []},
        {"crops": [{"member": "Ann", "from": 2, "to": 1, "box": [0, 0, 1, 1]}]},
        {"crops": [{"member": "Ann", "from": 1, "to": 2, "box": [5, 0, 1, 1]}]},
        {"crops": [{"member": "Ann", "from": 1, "to": 2}]},
        {"crops": [{"member": "Ann", "from": 1, "to": 2, "box": [0, 0, 1]}]},
        {"crops": [{"member": "Ann", "from": 1, "to": 2, "box": "0123"}]},
        {"crops": [{"member": "Ann", "from": 1, "to": 2, "box": {"0": 0, "1": 1, "2": 2, "3": 3}}]},
        {"crops": [{"member": "Ann", "from": 1, "to": 10**400, "box": [0, 0, 1, 1]}]},
        {"crops": [{"member": "Ann", "from": 1, "to": float("nan"), "box": [0, 0, 1, 1]}]},
        {"crops": [{"member": "Ann", "from": True, "to": 2, "box": [0, 0, 1, 1]}]},
        {"crops": [{"member": None, "from": 1, "to": 2, "box": [0, 0, 1, 1]}]},
        {"crops": None},
        {"crops": {}},
        {"tracklets": {"9" * 5000: "Ann"}},
        {"tracklets": {"17": "Ann", "017": "Bo"}},
        {"persons": {"17": "Ann", "017": "Bo"}},
        {"persons": {"17": " "}},
        {"persons": {"-1": "Ann"}},
        {"persons": ["Ann"]},
        {"persons": {"1": {"name": "Ann"}}},
        '{"tracklets": {"17": "Ann", "17": "Bo"}}',
        '{"tracklets": {}, "tracklets": {}}',
        "[" * 100_000,
        "9" * 5000,
        "\0",
    ],
)
def test_says_in_one_line_what_is_wrong(tmp_path: Path, content: object) -> None:
    with pytest.raises(CorrectionsError, match=r"corrections\.json: .*write it as") as caught:
        read_corrections(write(tmp_path, content))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_an_editor_may_have_saved_it(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "corrections.json"
    path.write_bytes('{"tracklets": {"17": "Rosé"}}'.encode(encoding))
    assert read_corrections(path).tracklets == ((17, "Rosé"),)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CorrectionsError, match="cannot be read"):
        read_corrections(tmp_path / "none.json")


def test_crops_that_nobody_would_see() -> None:
    def crop(start: float, end: float, *box: float) -> tuple[str, CropOverride]:
        return "Ann", CropOverride(start, end, *box)

    seconds, size = np.arange(50) / 25, Size(640, 360)
    seen = [crop(0, 0.01, -5, -5, 1, 1), crop(1.9, 9, 639, 359, 900, 900)]
    assert Corrections(crops=tuple(seen)).check_crops(seconds, size) == []

    late = [crop(2, 3, 0, 0, 9, 9), crop(0.01, 0.02, 0, 0, 9, 9), crop(-3, 0, 0, 0, 9, 9)]
    lines = Corrections(crops=(*seen, *late)).check_crops(seconds, size)
    assert len(lines) == 3
    assert lines[0] == (
        "corrections: the crop of Ann from 2 s to 3 s has no effect: no frame is in it, "
        "the last is at 1.96 s"
    )

    for box in [(-9, 0, 0, 9), (0, -9, 9, 0), (640, 0, 650, 9), (0, 360, 9, 370)]:
        with pytest.raises(CorrectionsError, match="outside the picture of 640x360"):
            Corrections(crops=(crop(0, 1, *box),)).check_crops(seconds, size)


def test_names_must_exist() -> None:
    with pytest.raises(CorrectionsError, match="there is no tracklet 7"):
        Corrections(tracklets=((7, None),)).fixed(NAMES, PERSONS, APART)
    with pytest.raises(CorrectionsError, match="there is no tracklet 8"):
        Corrections(persons=((8, "Ann"),)).fixed(NAMES, PERSONS, APART)
    with pytest.raises(CorrectionsError, match="nobody is called 'Eve'"):
        Corrections(tracklets=((1, "Eve"),)).fixed(NAMES, PERSONS, APART)
    with pytest.raises(CorrectionsError, match="nobody is called 'Eve'"):
        Corrections(crops=(("Eve", CropOverride(0, 1, 0, 0, 1, 1)),)).crops_of("Ann", ["Ann"])
