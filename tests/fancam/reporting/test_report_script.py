"""The script of the report in a browser: it builds corrections.json from names and lines."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from closeup.fancam.corrections import Corrections, read_corrections
from closeup.fancam.reporting.report import build_report, write_report
from tests.fancam.report_scene import NAMES, PLACES, Head, analysed, gallery, solved

ROSE, LISA, JISOO = NAMES
HALF_WAY = np.float32(0.495) * PLACES[0] + np.float32(0.505) * PLACES[1]
"""A face that may be Rosé's as well as Lisa's."""
TYPE = """
function type(person, text) {
  const input = document.querySelector(`[data-person="${person}"] input`);
  input.value = text;
  input.dispatchEvent(new Event("input"));
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on Rosé, Lisa, and somebody between two members who is seen after them."""
    folder = tmp_path_factory.mktemp("report")
    stage = [
        Head(0, 150, PLACES[0]),
        Head(0, 150, PLACES[1], x=400),
        Head(160, 300, HALF_WAY),
        Head(150, 300, PLACES[2], x=400),
    ]
    analysis = analysed(folder / "analysis", stage)
    corrections = Corrections(tracklets=((1, LISA),))
    solution = solved(analysis, corrections=corrections)
    report = build_report(Path("stage.mp4"), analysis, solution, gallery())
    write_report(report, analysis, solution, folder)
    return folder


class Tried:
    """The page in a browser, in which scripts act for a person."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser, self._folder = browser, folder

    def opened(self, script: str) -> str:
        """The page as it is after a script."""
        page = (self._folder / "report.html").read_text(encoding="utf-8")
        path = self._folder / "tried.html"
        path.write_text(page.replace("</body>", f"<script>{TYPE}{script}</script></body>"))
        errors: list[object] = []
        shown = self._browser.new_page()
        try:
            shown.on("pageerror", lambda error: errors.append(error))
            shown.goto(path.as_uri())
            content = shown.content()
        finally:
            shown.close()
        assert not errors
        return content

    def built(self, script: str) -> dict[str, Any]:
        """The corrections on the page after a script."""
        found = re.search(r'<pre id="file-text">(.*?)</pre>', self.opened(script), re.DOTALL)
        assert found
        content: dict[str, Any] = json.loads(html.unescape(found[1]))
        return content


@pytest.fixture
def tried(browser: Browser, folder: Path) -> Tried:
    return Tried(browser, folder)


def test_names_become_lines_beside_those_that_were_followed(tried: Tried, folder: Path) -> None:
    content = tried.built("""type(0, " Rose\\u0301 "); type(3, '<b>"');""")
    assert content == {"persons": {"0": "Rosé", "3": '<b>"'}, "tracklets": {"1": LISA}}
    path = folder / "corrections.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert read_corrections(path).named == ("Rosé", '<b>"')


def test_nobody_is_a_line_and_an_empty_name_is_none(tried: Tried) -> None:
    script = """
    document.querySelector('[data-person="0"] .nobody-button').click();
    type(3, "x"); type(3, "");
    """
    assert tried.built(script)["persons"] == {"0": None}


def test_two_who_are_seen_at_once_are_not_one_member(tried: Tried) -> None:
    script = f"type(0, 'Lis'); type(0, {json.dumps(LISA)}); type(3, 'x');"
    assert tried.built(script)["persons"] == {"3": "x"}
    assert "Person 1 is " in tried.opened(script)


def test_a_tracklet_with_a_line_of_its_own_keeps_it(tried: Tried) -> None:
    assert tried.built("type(1, 'Bea');") == {"tracklets": {"1": "Bea"}}


def test_a_line_of_a_doubt_is_used(tried: Tried, folder: Path) -> None:
    script = """document.querySelectorAll(".fixes dd button")[1].click();"""
    page = (folder / "report.html").read_text(encoding="utf-8")
    line = re.search(r'<code data-key="persons">(.*?)</code>', page)
    assert line
    assert tried.built(script)["persons"] == json.loads(f"{{{html.unescape(line[1])}}}")


USE = """
const use = (number) => document.querySelectorAll(`.fixes dd button:last-child`)[number].click();
"""


def test_a_line_is_taken_back_by_the_same_button(tried: Tried) -> None:
    before = tried.built("")
    assert tried.built(f"{USE} use(0); use(0);") == before
    assert 'aria-pressed="true">Use' in tried.opened(f"{USE} use(0);")


def test_of_two_lines_about_one_person_the_later_one_counts(tried: Tried, folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    lines = [html.unescape(line) for line in re.findall(r'<code data-key="persons">(.*?)<', page)]
    second = next(row for row in range(1, len(lines)) if lines[row][:3] == lines[row - 1][:3])
    content = tried.built(f"{USE} use({second - 1}); use({second});")
    assert content["persons"] == json.loads(f"{{{lines[second]}}}")


def test_two_lines_that_contradict_each_other_are_not_both_used(
    browser: Browser, tmp_path: Path
) -> None:
    """Two who look alike are seen at once: either is the member."""
    stage = [Head(0, 150, PLACES[0]), Head(20, 120, PLACES[0], x=400), Head(150, 300, PLACES[0])]
    analysis = analysed(tmp_path / "analysis", stage)
    solution = solved(analysis)
    report = build_report(Path("stage.mp4"), analysis, solution, gallery())
    write_report(report, analysis, solution, tmp_path)
    lines = [fix["line"] for row in report["doubtful"] for fix in row["fixes"]]
    one, other = lines.index('"0": "Rosé"'), lines.index('"1": "Rosé"')
    page, script = Tried(browser, tmp_path), f"{USE} use({one}); use({other});"
    assert page.built(script) == {"persons": {"0": "Rosé"}}
    assert "You named person 0 Rosé at the same time" in page.opened(script)
