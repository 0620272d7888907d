"""What comes next, what the person said of it, and how far the labelling is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from closeup.labelling.key_bindings import MEANINGS
from closeup.labelling.label_task import schema_as_json
from closeup.labelling.session import LabelSession
from closeup.store.label_queue import Unit
from closeup.web.labelling.messages import (
    Changes,
    Copying,
    Filling,
    Holding,
    Number,
    Opening,
    Skipping,
    Undoing,
    items_as_json,
    revision_as_json,
    views_as_json,
    written_as_json,
)
from closeup.web.labelling.open_sessions import AskedUnit, Session, Sessions, stored_item

router = APIRouter(prefix="/api")

_BEFORE = 8
"""Units before the shown one that a page keeps at hand."""
_MOST = 100
_Count = Annotated[int, Query(ge=1, le=_MOST)]


@router.post("/sessions")
def open_session(opening: Opening, sessions: Sessions) -> dict[str, Any]:
    """Open the session of a tab, and say where its person goes on."""
    session = sessions.open(opening.name, opening.author)
    start = session.start()
    return {**_shown(session, start), "store": sessions.store_id}


@router.post("/sessions/{name}/leave", status_code=204)
def leave(name: str, sessions: Sessions) -> Response:
    """The tab is closed; others may have its pictures."""
    sessions.leave(name)
    return Response(status_code=204)


@router.post("/sessions/{name}/quit")
def end(name: str, sessions: Sessions) -> dict[str, bool]:
    """The person is done; the program ends with the last session."""
    return {"last": sessions.quit(name)}


@router.get("/sessions/{name}/around")
def around(session: Session, unit: AskedUnit, count: _Count = 24) -> dict[str, Any]:
    """The units after and before one, and the undecided ones after it, which are leased."""
    following = session.following(unit, count)
    undecided = session.following(unit, count, undecided=True)
    if not undecided:  # some may have been passed over
        undecided = session.following(None, count, undecided=True)
    before = session.preceding(unit, _BEFORE)
    leased = set(session.leases.take([unit.item, *(one.item for one in undecided)]))
    views = {
        view.unit: view
        for view in session.views(list(dict.fromkeys([unit, *following, *undecided, *before])))
    }
    undecided = [one for one in undecided if one.item in leased]
    return {
        "current": views_as_json([views[unit]] if unit in views else []),
        "next": views_as_json([views[one] for one in following if one in views]),
        "undecided": views_as_json([views[one] for one in undecided if one in views]),
        "before": views_as_json([views[one] for one in before if one in views]),
        "items": items_as_json(view.item for view in views.values()),
    }


@router.get("/sessions/{name}/unit")
def one(session: Session, unit: AskedUnit) -> dict[str, Any]:
    """One unit with its picture's labels."""
    return _shown(session, unit)


@router.get("/sessions/{name}/last")
def last(session: Session) -> dict[str, Any]:
    """The unit that the person decided last."""
    return _shown(session, session.last())


@router.get("/sessions/{name}/items")
def items(
    session: Session, number: Annotated[list[Number], Query(max_length=500)]
) -> dict[str, Any]:
    """Pictures with the present state of their labels."""
    return {"items": items_as_json(session.store.items(number, layer=session.layer))}


@router.post("/sessions/{name}/changes")
def write(session: Session, changes: Changes) -> dict[str, Any]:
    """Write changes; those that were written before are not written again."""
    batches = [
        (sent.batch, [change.change(session.author) for change in sent.changes])
        for sent in changes.batches
    ]
    return {
        "written": [
            [written_as_json(one) for one in session.write(changed, batch)]
            for batch, changed in batches
        ]
    }


@router.post("/sessions/{name}/undo")
def undo(session: Session, undoing: Undoing) -> dict[str, Any]:
    """Take back what the person wrote last."""
    done = session.undo(undoing.action)
    numbers = list(dict.fromkeys(item for item, _ in done))
    return {
        "written": [{"item": item, **written_as_json(one)} for item, one in done],
        "items": items_as_json(session.store.items(numbers, layer=session.layer)),
    }


@router.post("/sessions/{name}/gone")
def skip_gone(session: Session, sessions: Sessions, skipping: Skipping) -> dict[str, int]:
    """Pass over all undecided units whose picture is gone."""
    written = session.skip_gone(sessions.project.pictures, skipping.action)
    return {"skipped": len(written)}


@router.post("/sessions/{name}/copy")
def copy(session: Session, copying: Copying) -> dict[str, Any]:
    """Copy labels from another picture, usually the one before."""
    source = stored_item(session, copying.source)
    target = stored_item(session, copying.target)
    written = session.copied(source, target, copying.action)
    return {
        "copied": len(written),
        "items": items_as_json([stored_item(session, copying.target)]),
    }


@router.post("/sessions/{name}/interpolate")
def interpolate(session: Session, filling: Filling) -> dict[str, Any]:
    """Fill in a label between the key frames of its video."""
    item = stored_item(session, filling.item)
    numbers = session.store.frames(item.path)
    frames = session.store.items(numbers, layer=session.layer)
    written = session.interpolated(frames, filling.object, filling.action)
    return {"filled": len(written)}


@router.post("/sessions/{name}/hold")
def hold(session: Session, holding: Holding) -> dict[str, Any]:
    """Lease the pictures of a page for longer, and give back those that it left."""
    if holding.left:
        session.leases.give_back(holding.left)
    leased = session.leases.take(holding.items)
    others = session.leases.held_by_others(holding.items)
    return {"leased": leased, "held": others}


@router.get("/sessions/{name}/counts")
def counts(session: Session) -> dict[str, Any]:
    """How many units are decided, and the labels of each class."""
    found = session.counts()
    classes = session.store.class_counts(layer=session.layer) if _has_classes(session) else {}
    return {"all": found.all, "decided": found.decided, "classes": classes}


@router.get("/sessions/{name}/labels")
def labels(session: Session, before: Number | None = None, count: _Count = 50) -> dict[str, Any]:
    """What the person wrote, the newest first."""
    revisions = session.store.latest(session.author, count, before=before, layer=session.layer)
    numbers = list({revision.item for revision in revisions})
    found = {item.id: item for item in session.store.items(numbers, layer=session.layer)}
    return {"labels": [revision_as_json(one, found.get(one.item)) for one in revisions]}


def task_as_json(sessions: Sessions) -> dict[str, Any]:
    """The task for the page: mode, schema, guidance and keys."""
    own = sessions.project.task
    return {
        "mode": own.mode,
        "schema": schema_as_json(own.schema),
        "keep": list(own.keep),
        "guidance": own.guidance,
        "keys": {str(action): key for action, key in own.keys.keys.items()},
        "meanings": {str(action): text for action, text in MEANINGS.items()},
        "overlap": sessions.project.overlap,
        "queue": sessions.project.queue,
        "judged": sessions.maps is not None,
        "term": sessions.project.term,
        "store": sessions.store_id,
    }


def _has_classes(session: LabelSession) -> bool:
    return bool(session.task.schema.classes)


def _shown(session: LabelSession, unit: Unit | None) -> dict[str, Any]:
    views = session.views([] if unit is None else [unit])
    return {
        "current": views_as_json(views),
        "items": items_as_json(view.item for view in views),
        "units": session.queue.units,
    }
