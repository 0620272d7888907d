"""Several people at once, a lost connection, and what is left in the browser."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from playwright.sync_api import Page

from closeup.annotations import LabelVerdict
from closeup.labelling.project import LabelProject
from tests.web.conftest import Opener, saved, served, shows
from tests.web.drawn_eyes import project_of, verdicts


def judged(project: LabelProject) -> Counter[int]:
    """How many verdicts were written of each picture."""
    return Counter(one.item for one in project.store.revisions() if one.subject == "verdict")


def loaded_ahead(page: Page) -> None:
    """Wait until the next pictures are in the browser."""
    page.wait_for_function(
        "() => performance.getEntriesByType('resource')"
        ".filter(({name}) => name.includes('/pictures/')).length > 5"
    )


def press(page: Page, key: str, name: str) -> None:
    """Press a key and wait for the picture that follows."""
    page.keyboard.press(key)
    shows(page, name)


def test_two_people_get_different_pictures(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path, count=90) as project, served(project) as url:
        first = open_page(url, "Ann")
        shows(first, "eye00.png")
        press(first, "f", "eye01.png")
        second = open_page(url, "Bob")
        second.wait_for_function("() => window.drawn.length > 0")
        begun = second.locator("#unit-name").inner_text()
        assert int(begun[3:5]) > 12  # the ones that are loaded ahead for Ann are hers
        for page in (first, second):
            for _ in range(3):
                name = page.locator("#unit-name").inner_text()
                press(page, "f", f"eye{int(name[3:5]) + 1:02}.png")
            saved(page)
        assert set(judged(project).values()) == {1}
        authors = {one.author for one in project.store.revisions() if one.subject == "verdict"}
        assert authors == {"Ann", "Bob"}
        second.close()
        # What Bob held is free again.
        third = open_page(url, "Cho")
        shows(third, f"eye{int(begun[3:5]) + 3:02}.png")


def test_a_stale_verdict_shows_both_and_the_person_chooses(
    tmp_path: Path, open_page: Opener
) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        loaded_ahead(page)
        page.route("**/around?*", lambda route: route.abort())  # what follows is not news to it
        other = project.session("Bob")
        other.judge(other.views(other.queue.after(None, 2)), LabelVerdict.FALSE)
        press(page, "f", "eye01.png")
        press(page, "f", "eye02.png")
        conflicts = page.locator("#conflicts")
        conflicts.get_by_text("(1 of 2)").wait_for()
        assert "true" in conflicts.inner_text()
        assert "false" in conflicts.inner_text()
        conflicts.get_by_role("button", name="Use mine").focus()
        page.keyboard.press("Enter")
        conflicts.get_by_text("eye01.png").wait_for()
        conflicts.get_by_role("button", name="Keep theirs").click()
        conflicts.wait_for(state="hidden")
        saved(page)
        assert verdicts(project)[:3] == ["true", "false", None]
        stale = [one for one in project.store.revisions() if one.stale]
        assert [one.content and one.content["verdict"] for one in stale] == ["true", "true"]


def test_labels_made_offline_arrive_exactly_once(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        press(page, "f", "eye01.png")
        saved(page)
        page.wait_for_function("() => document.getElementById('counts').textContent === '1 of 12'")
        page.context.set_offline(True)
        press(page, "d", "eye02.png")
        press(page, "f", "eye03.png")
        press(page, "u", "eye02.png")
        press(page, "x", "eye03.png")
        page.get_by_text("not saved yet: 4").wait_for()
        assert verdicts(project)[:3] == ["true", None, None]
        page.context.set_offline(False)
        saved(page)
        assert verdicts(project)[:4] == ["true", "false", "unsure", None]
        assert sorted(judged(project).values()) == [1, 1, 3]


def test_an_answer_that_is_lost_writes_nothing_twice(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        lost: list[str] = []

        def lose(route: object) -> None:
            if len(lost) < 2:
                lost.append(route.fetch().text())  # type: ignore[attr-defined]
                route.abort()  # type: ignore[attr-defined]
            else:
                route.continue_()  # type: ignore[attr-defined]

        page.route("**/changes", lose)
        press(page, "f", "eye01.png")
        press(page, "d", "eye02.png")
        saved(page)
        assert len(lost) == 2
        assert verdicts(project)[:3] == ["true", "false", None]
        assert sorted(judged(project).values()) == [1, 1]


def test_labels_that_could_not_be_sent_survive_a_reload_and_a_new_program(
    tmp_path: Path, open_page: Opener
) -> None:
    with project_of(tmp_path) as project:
        with served(project) as url:
            page = open_page(url)
            shows(page, "eye00.png")
            loaded_ahead(page)
        press(page, "f", "eye01.png")  # the program has ended
        press(page, "d", "eye02.png")
        page.get_by_text("not saved yet: 2").wait_for()
        assert verdicts(project)[:2] == [None, None]
        port = int(url.rstrip("/").rpartition(":")[2])
        with served(project, port):
            page.reload()
            page.wait_for_function("() => window.drawn.length > 0")
            saved(page)
            assert verdicts(project)[:3] == ["true", "false", None]
            assert sorted(judged(project).values()) == [1, 1]
            page.keyboard.press("l")
            shows(page, "eye01.png")
            press(page, "f", "eye02.png")  # the page knows by now what it had sent
            saved(page)
            assert verdicts(project)[:2] == ["true", "true"]


def test_labels_of_another_store_are_not_sent_to_this_one(
    tmp_path: Path, open_page: Opener
) -> None:
    with project_of(tmp_path / "one") as project:
        with served(project) as url:
            page = open_page(url)
            shows(page, "eye00.png")
            loaded_ahead(page)
        press(page, "f", "eye01.png")
        port = int(url.rstrip("/").rpartition(":")[2])
        with project_of(tmp_path / "other") as other, served(other, port):
            page.reload()
            shows(page, "eye00.png")
            press(page, "d", "eye01.png")
            saved(page)
            assert verdicts(other)[:2] == ["false", None]


def test_a_change_that_is_refused_is_said_and_holds_nothing_up(
    tmp_path: Path, open_page: Opener
) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")

        def refuse(route: object) -> None:
            if '"item":1,' in (route.request.post_data or ""):  # type: ignore[attr-defined]
                detail = '{"detail": "there is no item 1"}'
                route.fulfill(status=400, body=detail, content_type="application/json")  # type: ignore[attr-defined]
            else:
                route.continue_()  # type: ignore[attr-defined]

        page.route("**/changes", refuse)
        press(page, "f", "eye01.png")
        page.get_by_text("could not be saved: there is no item 1").wait_for()
        press(page, "d", "eye02.png")
        saved(page)
        assert verdicts(project)[:3] == [None, "false", None]


def test_two_people_judge_the_same_pictures_without_seeing_each_other(
    tmp_path: Path, open_page: Opener
) -> None:
    with project_of(tmp_path, count=4, overlap=2) as project, served(project) as url:
        for author, keys in (("Ann", "ffdf"), ("Bob", "fddf")):
            page = open_page(url, author)
            for number, key in enumerate(keys):
                shows(page, f"eye{number:02}.png")
                assert page.locator("#verdict").inner_text() == "not decided"
                page.keyboard.press(key)
            saved(page)
        layers = Counter(one.layer for one in project.store.revisions() if one.subject == "verdict")
        assert layers == {"Ann": 4, "Bob": 4}


def test_an_open_page_keeps_its_pictures(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path, term=2.0) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        for _ in range(6):  # every half second, which is longer than the term in all
            with page.expect_response("**/hold"):
                pass
        bob = project.session("Bob")
        assert bob.leases.take([1]) == []
        other = open_page(url, "Cho", draws=False)
        other.get_by_text("other people have all pictures").wait_for()
        page.get_by_role("button", name="Ann", exact=True).click()  # labels under another name
        page.get_by_label("Name").fill("Eve")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Eve", exact=True).wait_for()
