from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.fancam.analysis import Analysis
from closeup.fancam.reporting.portraits import best_portraits
from closeup.fancam.reporting.report import build_report
from closeup.fancam.reporting.report_page import (
    MOST_DOUBTS,
    MOST_PICTURES,
    _clock,
    _odds,
    _share,
    pictured_tracklets,
    render_page,
)
from closeup.identity.enrolment import Rejection
from closeup.identity.gallery import Gallery
from tests.calibrations import plain
from tests.fancam.report_scene import (
    CUT,
    NAMES,
    PLACES,
    STAGE,
    STRANGER,
    Head,
    analysed,
    gallery,
    portrait,
    solved,
)

ROSE, LISA, JISOO = NAMES
VOID = {"meta", "img", "link", "br", "input"}


class Page(HTMLParser):
    """Tags with their attributes, the text outside of style and script, and whether all close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def html_of(analysis: Analysis, *rejections: Rejection, photos: tuple[int, ...] = (4, 4, 4)) -> str:
    members = replace(gallery(photos), rejections=rejections)
    solution = solved(analysis, members)
    report = build_report(Path("a<b>.mp4"), analysis, solution, members)
    return render_page(report, solution, best_portraits(analysis.portraits(), solution.tracklets))


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    analysis = analysed(tmp_path_factory.mktemp("a"), STAGE, "ends at <i>0:12</i>")
    return html_of(analysis, Rejection(LISA, Path("m") / "<img>.jpg", "too blurred"))


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_every_tag_is_closed(page: Page) -> None:
    assert page.open == []
    assert [tag for tag, _ in page.tags].count("h1") == 1


def test_the_page_needs_nothing_but_itself(html: str, page: Page) -> None:
    for tag, attributes in page.tags:
        assert tag not in ("link", "iframe", "object")
        for key in ("src", "href", "srcset", "action", "style"):
            value = attributes.get(key) or ""
            assert value.startswith(("data:image/jpeg;base64,", "#", "left: ")) or not value
    assert not re.search(r"url\(|@import|https?://", html)


def test_names_and_messages_stay_text(page: Page) -> None:
    assert LISA in page.text
    assert "<img>.jpg" in page.text
    assert "a<b>.mp4" in page.text
    assert "ends at <i>0:12</i>" in page.text
    assert not any(attributes.get("title") == "x" for _, attributes in page.tags)


def test_doubtful_moments_come_first_with_lines_to_copy(page: Page) -> None:
    assert page.text.index("Doubtful moments") < page.text.index("Members")
    assert page.text.index("Looks like") < page.text.index("Who is this?")
    for line in ('"0": "Rosé"', '"5": "지수"', '"crops"'):
        assert line in page.text
    buttons = [a for a in page.attributes("button") if a.get("class") != "nobody-button"]
    assert all("hidden" in attributes for attributes in buttons)


def test_every_link_leads_somewhere(page: Page) -> None:
    targets = {attributes.get("id") for _, attributes in page.tags}
    links = [(attributes["href"] or "").removeprefix("#") for attributes in page.attributes("a")]
    assert links
    assert set(links) <= targets


def test_each_member_has_a_strip(page: Page) -> None:
    labels = [a["aria-label"] or "" for a in page.attributes("svg") if a.get("role") == "img"]
    strips = [label for label in labels if not label.startswith("When person")]
    assert strips == [f"Timeline of {name}" for name in NAMES]
    kinds = [a["class"] for a in page.attributes("path") if a.get("class")]
    for kind in ("seen", "carried", "absent", "cut", "curve", "mark"):
        assert kind in kinds


def test_the_picture_of_a_tracklet_is_its_own(page: Page) -> None:
    images = [(a["alt"] or "", a["src"] or "") for a in page.attributes("img")]
    numbered = {alt: src for alt, src in images if alt.startswith("Face of tracklet")}
    assert len(numbered) == 6
    jpeg = b64decode(numbered["Face of tracklet 6"].partition(",")[2])
    assert jpeg == portrait(4)
    assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) is not None


def test_a_page_without_doubts_says_so(tmp_path: Path) -> None:
    stage = [
        Head(start, start + CUT, place, x=100 + 150 * i)
        for i, place in enumerate(PLACES)
        for start in (0, CUT)
    ]
    page = Page(html_of(analysed(tmp_path, stage)))
    assert "Nothing is in doubt." in page.text
    assert "copy the right line" not in page.text


def test_each_person_is_a_tile_with_a_line_to_copy(html: str, page: Page) -> None:
    tiles = [a for a in page.attributes("li") if a.get("class") == "tile"]
    assert sorted(int(a["data-person"] or "") for a in tiles) == list(range(7))
    by_person = {a["data-person"]: a for a in tiles}
    assert by_person["1"]["data-member"] == LISA
    assert "data-member" not in by_person["0"], "not sure enough to keep others from the name"
    assert "2" in (by_person["0"]["data-conflicts"] or "").split()
    assert by_person["3"]["data-conflicts"] == "4 5 6"
    for line in ('"1": "<b title=', '"4": "NAME"'):
        assert line in page.text
    assert all(hidden in html for hidden in ('class="naming" hidden', '<section id="file" hidden'))


def test_a_page_without_members_asks_for_names(tmp_path: Path) -> None:
    nobody = Gallery.of(plain(3), {})
    analysis = analysed(tmp_path, STAGE)
    solution = solved(analysis, nobody)
    report = build_report(Path("stage.mp4"), analysis, solution, nobody)
    assert (report["members"], report["doubtful"]) == ([], [])
    page = Page(render_page(report, solution, {}))
    assert "the name of everybody who is to get a video" in " ".join(page.text.split())
    assert "Doubtful moments" not in page.text
    for empty in ("nobody", "1 : 1", "100 %", "Confidence", "Second likeliest"):
        assert empty not in page.text, "there are no members to be sure of"
    assert page.attributes("meter") == []
    links = {attributes["href"] for attributes in page.attributes("a")}
    assert {f"#p{number}" for number in range(7)} <= links, "each tracklet leads to its person"
    assert [row["member"] for row in report["persons"]] == [None] * 7


def test_a_crowd_is_folded_and_the_page_stays_small(tmp_path: Path) -> None:
    sure = [Head(i, i + 5, STRANGER, faces=1) for i in range(MOST_PICTURES)]
    places = (0, CUT)
    unsure = [
        Head(start, start + CUT, STRANGER, x=30 * i, height=20, faces=0)
        for i in range(MOST_DOUBTS // 2 + 5)
        for start in places
    ]
    html = html_of(analysed(tmp_path, sure + unsure))
    page = Page(html)
    count = sum((attributes.get("id") or "")[:1] == "t" for _, attributes in page.tags) - 1
    assert f"{count - MOST_PICTURES} shorter ones" in page.text
    assert re.search(r"\d+ more, less doubtful", page.text)
    assert len(html) < 4_000_000
    assert html.count("data:image/jpeg") <= 2 * MOST_PICTURES + MOST_DOUBTS + len(NAMES)


def test_doubtful_tracklets_get_pictures_before_long_ones() -> None:
    rows = [{"id": i, "from": 0.0, "to": float(i)} for i in range(MOST_PICTURES + 50)]
    doubtful = [{"tracklet": 3}, {"tracklet": None}, {"tracklet": 3}]
    report = {"doubtful": doubtful, "tracklets": rows, "persons": []}
    assert pictured_tracklets(report) == {3, *range(51, MOST_PICTURES + 50)}
    persons = [{"tracklets": [1, 5, 2, 4]}, {"tracklets": [0]}]
    wanted = pictured_tracklets({**report, "persons": persons})
    assert {0, 2, 3, 4, 5} <= wanted
    assert 1 not in wanted


@pytest.mark.parametrize(
    ("seconds", "decimals", "text"),
    [(0, 1, "0:00.0"), (59.96, 1, "1:00.0"), (83.54, 1, "1:23.5"), (3605, 0, "60:05")],
)
def test_clock(seconds: float, decimals: int, text: str) -> None:
    assert _clock(seconds, decimals) == text


def test_shares_do_not_round_to_all_or_nothing() -> None:
    shares = [_share(value) for value in (0, 0.0001, 0.5, 0.875, 0.9999, 1)]
    assert shares == ["0 %", "< 0.1 %", "50 %", "87.5 %", "> 99.9 %", "100 %"]


def test_odds_for_and_against() -> None:
    texts = [_odds(value) for value in (1, 2.61, 14.2, 5000, 0.25, 1e-6)]
    assert texts == ["1 : 1", "2.6 : 1", "14 : 1", "1000+ : 1", "1 : 4", "1 : 1000+"]
