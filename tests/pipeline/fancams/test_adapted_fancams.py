"""Fancams with the embedding adapted to the video; the saved analysis serves both ways."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from closeup import FancamOptions, Fancams, Gallery, make_fancams
from closeup.identity import adaptation
from closeup.settings import Settings
from tests.kept_models import kept
from tests.pipeline.running import Listener
from tests.small_stage import EILEEN, GRACE

PLAIN, ADAPTED = FancamOptions(video=False), FancamOptions(video=False, adapt=True)
KEYS = {"adapted", "tracklets", "faces", "photos", "pairs"}


def analysed(out: Path) -> dict[str, tuple[int, bytes]]:
    """Time and content of each file of the saved analysis."""
    return {
        path.name: (path.stat().st_mtime_ns, path.read_bytes())
        for path in (out / "analysis").iterdir()
    }


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """The evidence of a short scene of two people is enough."""
    monkeypatch.setattr(adaptation, "_LEAST", 1)


@pytest.mark.usefixtures("little")
def test_the_analysis_serves_with_and_without(
    finished: Fancams, small_stage: Path, out: Path, settings: Settings
) -> None:
    before, listener = analysed(out), Listener()
    members = small_stage.parent / "members"
    made = make_fancams(
        small_stage, members, out, ADAPTED, models=kept(settings), progress=listener
    )
    assert made.report["adaptation"].keys() == KEYS
    assert made.report["adaptation"]["adapted"]
    assert made.report["adaptation"]["faces"] > 0
    assert sum(line.startswith("adapted the embedding to this vid") for line in listener.lines) == 1
    assert {row["member"] for row in made.report["tracklets"]} >= {EILEEN, GRACE}
    again = make_fancams(small_stage, members, out, PLAIN, models=kept(settings))
    assert again.report["adaptation"] is None
    assert again.report["persons"] == finished.report["persons"]
    assert analysed(out) == before


def test_too_little_evidence_is_said_and_changes_nothing(
    finished: Fancams, small_stage: Path, out: Path, settings: Settings
) -> None:
    listener = Listener()
    made = make_fancams(
        small_stage, small_stage.parent / "members", out, ADAPTED,
        models=kept(settings), progress=listener,
    )  # fmt: skip
    assert not made.report["adaptation"]["adapted"]
    assert sum(line.startswith("too little to adapt the embedding") for line in listener.lines) == 1
    assert made.report["persons"] == finished.report["persons"]


@pytest.mark.usefixtures("little")
def test_persons_without_photos_are_found_and_named(
    small_stage: Path, out: Path, settings: Settings
) -> None:
    found = make_fancams(small_stage, None, out, ADAPTED, name_persons=True, models=kept(settings))
    assert found.report["adaptation"]["photos"] == 0
    lasting = found.report["persons"][0]["id"]
    fix = out / "named.json"
    fix.write_text(json.dumps({"persons": {str(lasting): "Ann"}}))
    made = make_fancams(small_stage, None, out, ADAPTED, fix=fix, models=kept(settings))
    assert made.report["persons"][0]["member"] == "Ann"


@pytest.mark.usefixtures("little")
def test_a_gallery_is_not_changed(small_stage: Path, out: Path, settings: Settings) -> None:
    models = kept(settings)
    gallery = Gallery.enrol(
        small_stage.parent / "members", models.detector("auto"), models.embedder("dlib-128")
    )
    vectors = gallery.vectors.copy()
    made = make_fancams(small_stage, gallery, out, ADAPTED, models=models)
    assert made.report["adaptation"]["adapted"]
    assert (gallery.vectors == vectors).all()
