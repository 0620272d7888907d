"""The sessions of the tabs that are open, and the dependencies by which routes get them."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Annotated, cast
from uuid import uuid4

from fastapi import Depends, HTTPException, Query, Request

from closeup.labelling.project import LabelProject
from closeup.labelling.session import LabelSession
from closeup.labelling.shown_maps import LabelMaps
from closeup.store.label_queue import Unit
from closeup.store.label_records import StoredItem
from closeup.store.label_tables import WHOLE
from closeup.web.labelling.messages import Key, Number

_STORE = "store_id"


class OpenSessions:
    """The sessions of a project by the name that a tab chose.

    Args:
        project: The project.
        on_quit: Called when the last session was closed by its person; None to do nothing.

    Attributes:
        maps: What the project's network says of labels; None without one.

    """

    def __init__(self, project: LabelProject, on_quit: Callable[[], None] | None = None) -> None:
        self.project = project
        self._on_quit = on_quit
        self._sessions: dict[str, LabelSession] = {}
        self._heard: dict[str, float] = {}
        self._lock = Lock()
        self.store_id = self._named_store()
        network = project.quality
        self.maps = None if network is None else LabelMaps(network, project.pictures)

    def open(self, name: str, author: str) -> LabelSession:
        """The session of a tab; a new one if there is none, or its person is another one."""
        with self._lock:
            session = self._sessions.get(name)
            if session is None or session.author != author:
                session = self._sessions[name] = self.project.session(author, name)
        self._heard[name] = self.project.store.clock()
        return session

    def get(self, name: str) -> LabelSession | None:
        """The session of a tab; None if it was not opened since this program began."""
        self._heard[name] = self.project.store.clock()
        return self._sessions.get(name)

    def leave(self, name: str) -> None:
        """The tab was closed or left: others may have its pictures. It may come back."""
        with self._lock:
            session = self._sessions.pop(name, None)
        if session is not None:
            session.leases.give_back()

    def quit(self, name: str) -> bool:
        """The person ends the session; return whether it was the last one.

        Sessions that sent nothing for the term of a lease, as after a crash, do not count.
        """
        since = self.project.store.clock() - self.project.term
        with self._lock:
            # A request of this tab that is under way may open it again, which must not count.
            others = self._sessions.keys() - {name}
            last = not any(self._heard[other] > since for other in others)
        self.leave(name)
        if last and self._on_quit is not None:
            self._on_quit()
        return last

    def _named_store(self) -> str:
        """Identifier of the store, so that labels kept in a browser reach no other one."""
        store = self.project.store
        found = store.setting(_STORE)
        if found is None:
            found = uuid4().hex
            store.set_setting(_STORE, found)
        return str(found)


def open_sessions(request: Request) -> OpenSessions:
    """The sessions of the app."""
    return cast("OpenSessions", request.app.state.sessions)


Sessions = Annotated[OpenSessions, Depends(open_sessions)]


def open_session(name: str, sessions: Sessions) -> LabelSession:
    """The session that the address names.

    Raises:
        HTTPException: 410 if the page has to open it first.

    """
    session = sessions.get(name)
    if session is None:
        raise HTTPException(410, "this session is not open; the page opens it anew")
    return session


Session = Annotated[LabelSession, Depends(open_session)]


def asked_unit(item: Number, key: Annotated[Key, Query(alias="object")] = WHOLE) -> Unit:
    """The unit that the address names."""
    return Unit(item, key)


AskedUnit = Annotated[Unit, Depends(asked_unit)]


def stored_item(session: LabelSession, number: int) -> StoredItem:
    """A picture of the store.

    Raises:
        HTTPException: 404 if there is no such picture.

    """
    items = session.store.items([number], layer=session.layer)
    if not items:
        raise HTTPException(404, f"there is no picture {number}; load the page anew")
    return items[0]
