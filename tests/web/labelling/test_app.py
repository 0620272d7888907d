"""The API for good and bad requests, without a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import event
from starlette.testclient import TestClient

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, Origin
from closeup.labelling.label_task import TASKS
from closeup.labelling.project import LabelProject
from closeup.labelling.quality_network import LabelQualityNetwork
from closeup.labelling.shown_maps import WIDTH
from closeup.web.labelling.app import label_app
from tests.quality_networks import bright_is_wrong
from tests.web.drawn_eyes import OPENED, SIZE, draw_eye, opened_project, project_of

NAME = "tab-0123456789"
OF = f"/api/sessions/{NAME}"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[LabelProject]:
    with project_of(tmp_path, count=5) as project:
        yield project


@pytest.fixture
def client(project: LabelProject) -> Iterator[TestClient]:
    with TestClient(label_app(project, author="<Ann>"), base_url="http://127.0.0.1") as client:
        client.post("/api/sessions", json={"name": NAME, "author": "Ann"})
        yield client


def change(**values: Any) -> dict[str, Any]:
    return {
        "action": "a",
        "item": 1,
        "object": "eye",
        "subject": "verdict",
        "verdict": "true",
        **values,
    }


def sent(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"batches": [{"batch": "b", "changes": list(changes)}]}


def test_the_page_holds_the_task_and_no_markup_of_a_name(client: TestClient) -> None:
    page = client.get("/").text
    text = page.partition('id="task">')[2].partition("</script>")[0]
    task = json.loads(text)
    assert task["mode"] == "review"
    assert task["author"] == "<Ann>"
    assert task["keys"]["true"] == "f"
    assert task["guidance"] == TASKS["review"].guidance
    assert "<Ann>" not in page
    assert task["judged"] is False


def test_every_file_that_the_page_names_is_there(client: TestClient) -> None:
    page = client.get("/").text
    for name in ("main.js", "label.css", "icon.svg"):
        assert f"/static/{name}" in page
    folder = Path(label_app.__code__.co_filename).parent / "static"
    for script in folder.glob("*.js"):
        for line in script.read_text(encoding="utf-8").splitlines():
            if line.startswith(("import", "} from")):
                other = line.partition('"./')[2].partition('"')[0]
                assert client.get(f"/static/{other}").status_code == 200, line


def test_a_session_begins_at_the_first_undecided_unit(client: TestClient) -> None:
    opened = client.post("/api/sessions", json={"name": NAME, "author": "Ann"}).json()
    assert opened["units"] == "labels"
    assert opened["current"] == [{"item": 1, "object": "eye", "reason": "", "held_by": []}]
    [item] = opened["items"]
    [label] = item["labels"]
    assert (label["method"], label["version"], label["origin"]) == ("darkness", "3", "coarse")
    assert label["annotation"]["points"] == {"pupil": [82.0, 60.5, 1]}
    client.post(f"{OF}/changes", json=sent(change()))
    again = client.post("/api/sessions", json={"name": NAME, "author": "Ann"}).json()
    assert again["current"][0]["item"] == 2


def test_what_lies_around_a_unit(client: TestClient) -> None:
    client.post(f"{OF}/changes", json=sent(change(item=3)))
    around = client.get(f"{OF}/around", params={"item": 2, "object": "eye"}).json()
    assert [one["item"] for one in around["before"]] == [1]
    assert [one["item"] for one in around["next"]] == [3, 4, 5]
    assert [one["item"] for one in around["undecided"]] == [4, 5]
    assert sorted(one["id"] for one in around["items"]) == [1, 2, 3, 4, 5]


def test_the_same_action_is_written_once(client: TestClient, project: LabelProject) -> None:
    first = client.post(f"{OF}/changes", json=sent(change())).json()
    assert client.post(f"{OF}/changes", json=sent(change())).json() == first
    assert len([one for one in project.store.revisions() if one.subject == "verdict"]) == 1


def test_a_change_may_build_on_the_action_of_an_undoing(client: TestClient) -> None:
    client.post(f"{OF}/changes", json=sent(change()))
    client.post(f"{OF}/undo", json={"action": "u"})
    later = change(action="c", verdict="false", base="u~a")
    [[written]] = client.post(f"{OF}/changes", json=sent(later)).json()["written"]
    assert not written["stale"]


BAD = {
    "an unknown subject": change(subject="opinion"),
    "an unknown verdict": change(verdict="perhaps"),
    "no action": change(action=""),
    "a long action": change(action="a" * 65),
    "a number that is none": change(item="one"),
    "a negative number": change(item=-1),
    "a number beyond the database": change(item=2**70),
    "a member that is unknown": change(colour="red"),
    "a base that is none": change(base=1.5),
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_changes_that_are_none_are_refused(
    client: TestClient, project: LabelProject, content: dict[str, Any]
) -> None:
    answer = client.post(f"{OF}/changes", json=sent(change(action="good"), content))
    assert answer.status_code == 422
    assert isinstance(answer.json()["detail"], str)
    assert not [one for one in project.store.revisions() if one.subject == "verdict"]


ANNOTATIONS: dict[str, Any] = {
    "an empty box": {"box": [5, 5, 5, 9]},
    "a box of three": {"box": [1, 2, 3]},
    "a box of words": {"box": ["a", "b", "c", "d"]},
    "points in a list": {"points": [[1, 2, 1]]},
    "a point of two numbers": {"points": {"pupil": [1, 2]}},
    "a point without a number": {"points": {"pupil": [None, 2, 1]}},
    "a point too far away": {"points": {"pupil": [1e30, 2, 1]}},
    "keys of a format in a list": {"extra": [1]},
}


@pytest.mark.parametrize("annotation", ANNOTATIONS.values(), ids=ANNOTATIONS)
def test_labels_that_are_none_are_refused(client: TestClient, annotation: Any) -> None:
    content = change(subject="label", verdict=None, annotation=annotation)
    answer = client.post(f"{OF}/changes", json=sent(content))
    assert answer.status_code == 400
    assert "the label eye cannot be kept" in answer.json()["detail"]


def test_numbers_that_are_not_finite_are_refused(client: TestClient) -> None:
    body = json.dumps(
        sent(change(subject="label", annotation={"points": {"p": [float("nan"), 1, 1]}}))
    )
    answer = client.post(
        f"{OF}/changes", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("body", ["", "{", "[]", '{"batches": 3}', "\x00"])
def test_what_is_no_json_is_refused(client: TestClient, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    assert client.post(f"{OF}/changes", content=body, headers=headers).status_code == 422


def test_a_picture_that_is_not_in_the_store(client: TestClient) -> None:
    answer = client.post(f"{OF}/changes", json=sent(change(item=99)))
    assert answer.status_code == 400
    assert "there is no item 99" in answer.json()["detail"]
    assert client.get(f"{OF}/pictures/99").status_code == 404
    assert client.get(f"{OF}/unit", params={"item": 99}).json()["current"] == []
    assert client.get(f"{OF}/around", params={"item": 99}).status_code == 200


@pytest.mark.parametrize(
    "opening",
    [{"name": NAME}, {"name": "short", "author": "A"}, {"name": NAME, "author": ""},
     {"name": NAME, "author": "  "}, {"name": NAME, "author": "a" * 81},
     {"name": NAME, "author": "a\nb"}, {"name": "../../etc", "author": "A"}],
)  # fmt: skip
def test_openings_that_are_none(client: TestClient, opening: dict[str, str]) -> None:
    assert client.post("/api/sessions", json=opening).status_code == 422


def test_a_session_has_to_be_opened(client: TestClient) -> None:
    for path in ("around?item=1", "counts", "last", "pictures/1"):
        answer = client.get(f"/api/sessions/tab-unknown/{path}")
        assert answer.status_code == 410
        assert answer.headers["Cache-Control"] == "no-store"  # browsers keep a 410 otherwise


def test_leaving_gives_pictures_back_and_the_last_one_ends(project: LabelProject) -> None:
    ended: list[bool] = []
    app = label_app(project, on_quit=lambda: ended.append(True))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        for name, author in ((NAME, "Ann"), ("tab-of-bob", "Bob")):
            client.post("/api/sessions", json={"name": name, "author": author})
        client.get(f"{OF}/around", params={"item": 1, "object": "eye"})
        bob = "/api/sessions/tab-of-bob"
        held = client.post(f"{bob}/hold", json={"items": [1, 2]}).json()
        assert held["leased"] == []
        assert held["held"]["1"] == [f"Ann ({NAME})"]
        assert client.post(f"{OF}/quit").json() == {"last": False}
        assert client.post(f"{bob}/hold", json={"items": [1, 2]}).json()["leased"] == [1, 2]
        assert client.post(f"{bob}/quit").json() == {"last": True}
        assert ended == [True]
        assert client.post(f"{bob}/leave").status_code == 204


def test_labels_so_far_by_page(client: TestClient) -> None:
    for number in range(1, 5):
        client.post(f"{OF}/changes", json=sent(change(action=f"a{number}", item=number)))
    first = client.get(f"{OF}/labels", params={"count": 3}).json()["labels"]
    assert [one["item"] for one in first] == [4, 3, 2]
    assert first[0]["content"]["verdict"] == "true"
    rest = client.get(f"{OF}/labels", params={"count": 3, "before": first[-1]["id"]}).json()
    assert [one["path"] for one in rest["labels"]] == ["eye00.png"]


def decoded(content: bytes) -> NDArray[np.uint8]:
    return np.asarray(
        cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED), np.uint8
    )


def test_a_picture_is_sent_once(client: TestClient, tmp_path: Path) -> None:
    answer = client.get(f"{OF}/pictures/1")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content == (tmp_path / "eye00.png").read_bytes()
    tag = answer.headers["etag"]
    again = client.get(f"{OF}/pictures/1", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    draw_eye(tmp_path / "eye00.png", 200)
    changed = client.get(f"{OF}/pictures/1", headers={"If-None-Match": tag})
    assert changed.status_code == 200


def test_a_part_of_a_picture(client: TestClient) -> None:
    answer = client.get(f"{OF}/pictures/1", params={"crop": "69.5,49.5,89.5,69.5", "width": 40})
    part = decoded(answer.content)
    assert part.shape == (40, 40, 3)
    assert part[20, 20].max() < 40  # the pupil


@pytest.mark.parametrize(
    "values",
    [{"crop": "1,2,3"}, {"crop": "a,b,c,d"}, {"crop": "0,0,0,9"}, {"crop": "9,9,0,0"},
     {"crop": "nan,0,9,9"}, {"crop": "0,0,inf,9"}, {"crop": "0,0,1e300,9"}, {"crop": "0,0,9000,9"},
     {"crop": "0,0,2,2000", "width": 4000}, {"width": 0}, {"width": 5000}, {"width": "wide"}],
)  # fmt: skip
def test_parts_that_are_none(client: TestClient, values: dict[str, Any]) -> None:
    assert client.get(f"{OF}/pictures/1", params=values).status_code == 422


def test_a_picture_that_is_gone_or_damaged(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "eye00.png").unlink()
    answer = client.get(f"{OF}/pictures/1")
    assert answer.status_code == 404
    assert "put it back, or skip it" in answer.json()["detail"]
    (tmp_path / "eye01.png").write_bytes(b"no picture")
    assert client.get(f"{OF}/pictures/2", params={"width": 50}).status_code == 422


def test_a_picture_outside_of_the_folder_is_not_sent(tmp_path: Path) -> None:
    draw_eye(tmp_path / "secret.png", 100)
    folder = tmp_path / "pictures"
    folder.mkdir()
    pictures = [AnnotatedPicture("../secret.png", size=SIZE)]
    with (
        opened_project(folder, pictures, "review") as project,
        TestClient(label_app(project), base_url="http://127.0.0.1") as client,
    ):
        client.post("/api/sessions", json={"name": NAME, "author": "Ann"})
        assert client.get(f"{OF}/pictures/1").status_code == 404


def test_masks(tmp_path: Path) -> None:
    (tmp_path / "masks").mkdir()
    draw_eye(tmp_path / "eye.png", 100)
    mask = np.zeros((SIZE.height, SIZE.width), np.uint8)
    mask[10:20, 10:20] = 255
    cv2.imwrite(str(tmp_path / "masks" / "good.png"), mask)
    (tmp_path / "masks" / "bad.png").write_bytes(b"no mask")
    names = ("good.png", "bad.png", "none.png", "../eye.png", None)
    labels = tuple(
        Annotation(key=f"k{i}", mask=name, points={}, origin=Origin.MODEL)
        for i, name in enumerate(names)
    )
    pictures = [AnnotatedPicture("eye.png", annotations=labels)]
    with (
        opened_project(tmp_path, pictures, "review") as project,
        TestClient(label_app(project), base_url="http://127.0.0.1") as client,
    ):
        client.post("/api/sessions", json={"name": NAME, "author": "Ann"})
        got = [client.get(f"{OF}/mask", params={"item": 1, "object": f"k{i}"}) for i in range(5)]
        assert [one.status_code for one in got] == [200, 422, 404, 404, 404]
        pixels = decoded(got[0].content)
        assert got[0].headers["x-mask"] == "labelled"
        assert (pixels[..., 3] > 0).tolist() == (mask > 0).tolist()
        assert project.store.items([1])[0].size == SIZE  # which was not known


def test_what_a_network_says_of_a_label(tmp_path: Path) -> None:
    for number in range(2):
        draw_eye(tmp_path / f"eye{number}.png", 100)
    places = {"good": OPENED[0], "bad": OPENED[0] + 30}
    labels = [
        Annotation(box=(50, 35, 110, 85), points={"pupil": KeyPoint(x, OPENED[1])}, key=key)
        for key, x in places.items()
    ]
    pictures = [
        AnnotatedPicture(f"eye{n}.png", annotations=(*labels, Annotation("name", key="none")))
        for n in range(2)
    ]
    network = LabelQualityNetwork(bright_is_wrong(), "quality.onnx")
    with (
        opened_project(tmp_path, pictures, "review", quality=network) as project,
        TestClient(label_app(project), base_url="http://127.0.0.1") as client,
    ):
        client.post("/api/sessions", json={"name": NAME, "author": "Ann"})
        (tmp_path / "eye1.png").unlink()

        def asked(item: int, key: str) -> Any:
            return client.get(f"{OF}/map", params={"item": item, "object": key})

        good, bad = asked(1, "good"), asked(1, "bad")
        assert (good.headers["x-words"], bad.headers["x-words"]) == ("looks right", "looks wrong")
        assert float(good.headers["x-bad"]) < 0.1 < 0.9 < float(bad.headers["x-bad"])
        assert bad.headers["x-chance"] == "P(wrong) 99 %"
        assert decoded(bad.content).shape[1] == WIDTH
        refused = [asked(1, "none"), asked(1, "other"), asked(2, "good"), asked(9, "good")]
        assert [one.status_code for one in refused] == [404] * 4
        assert "has no point and no box" in refused[0].json()["detail"]
        assert "is gone" in refused[2].json()["detail"]


def test_no_network_judges(client: TestClient) -> None:
    answer = client.get(f"{OF}/map", params={"item": 1, "object": "eye"})
    assert answer.status_code == 404
    assert answer.json()["detail"] == "no network judges the label eye"


def test_pictures_that_are_gone_are_skipped_once(client: TestClient, tmp_path: Path) -> None:
    for number in (1, 3):
        (tmp_path / f"eye{number:02}.png").unlink()
    answers = [client.post(f"{OF}/gone", json={"action": name}).json() for name in "aab"]
    assert answers == [{"skipped": 2}, {"skipped": 0}, {"skipped": 0}]
    assert client.get(f"{OF}/counts").json()["decided"] == 2
    undone = client.post(f"{OF}/undo", json={"action": "c"}).json()
    assert sorted(one["item"] for one in undone["written"]) == [2, 4]
    assert client.post(f"{OF}/gone", json={}).status_code == 422


def test_a_full_disk_is_said_as_something_that_passes(
    client: TestClient, project: LabelProject
) -> None:
    def fill(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # no page more than there are

    event.listen(project.store.database.engine, "checkout", fill)
    big = {"points": {f"p{i}": [i, i, 1] for i in range(20_000)}}
    content = change(subject="label", verdict=None, annotation=big, base=1)
    answer = client.post(f"{OF}/changes", json=sent(content))
    assert answer.status_code == 503
    assert "the disk is full; make room" in answer.json()["detail"]


def test_a_session_that_is_not_heard_of_any_more_holds_up_no_end(tmp_path: Path) -> None:
    now = [1000.0]
    with project_of(tmp_path) as project:
        project.store.clock = lambda: now[0]
        with TestClient(label_app(project), base_url="http://127.0.0.1") as client:
            for name in (NAME, "tab-of-bob"):
                client.post("/api/sessions", json={"name": name, "author": "Ann"})
            assert client.post(f"{OF}/quit").json() == {"last": False}
            now[0] += project.term + 1
            client.post("/api/sessions", json={"name": NAME, "author": "Ann"})
            assert client.post(f"{OF}/quit").json() == {"last": True}
