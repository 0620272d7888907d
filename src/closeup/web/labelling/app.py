"""The app of the labeller in the browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from closeup.errors import CloseupError, ImageError, OutputError
from closeup.labelling.project import LabelProject
from closeup.pages import render
from closeup.web.labelling import label_routes, picture_routes
from closeup.web.labelling.open_sessions import OpenSessions
from closeup.web.loopback import LoopbackGuard

STATIC = Path(__file__).parent / "static"
_GONE = {"missing", "outside"}


def label_app(
    project: LabelProject, *, author: str = "", on_quit: Callable[[], None] | None = None
) -> FastAPI:
    """The labeller of a project, which answers this machine's browsers only.

    Args:
        project: The project.
        author: Name that is proposed to a person who labels for the first time in this browser.
        on_quit: Called when the last person ended the session.

    Raises:
        InputError, OutputError: the store cannot be read or written.

    """
    app = FastAPI(title="Closeup labels", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.sessions = OpenSessions(project, on_quit)
    app.add_middleware(LoopbackGuard)
    app.add_exception_handler(CloseupError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.include_router(label_routes.router)
    app.include_router(picture_routes.router)
    app.mount("/static", StaticFiles(directory=STATIC), "static")

    @app.get("/", response_class=HTMLResponse)
    def page() -> str:
        """The page of the labeller."""
        task = label_routes.task_as_json(app.state.sessions)
        # "<" could end the element that holds the text.
        text = json.dumps({**task, "author": author}, ensure_ascii=False).replace("<", "\\u003c")
        return render(__package__, "label.html.j2", {"task": text, "mode": project.task.mode})

    return app


def _refused(_request: Request, error: Exception) -> JSONResponse:
    """One of Closeup's errors: what was asked for is gone, wrong, or cannot be written now."""
    status = 400
    if isinstance(error, ImageError):
        status = 404 if error.kind in _GONE else 422
    elif isinstance(error, OutputError):
        status = 503
    return JSONResponse({"detail": str(error)}, status)


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    errors: Sequence[Any] = cast("RequestValidationError", error).errors()
    places = (".".join(str(part) for part in one["loc"]) + f": {one['msg']}" for one in errors[:3])
    return JSONResponse({"detail": "; ".join(places)}, 422)
