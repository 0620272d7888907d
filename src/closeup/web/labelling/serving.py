"""Serves the labeller until the person is done."""

from __future__ import annotations

import webbrowser
from threading import Thread

from closeup.errors import OutputError
from closeup.labelling.project import LabelProject
from closeup.progress import Progress, Silent
from closeup.web.labelling.app import label_app
from closeup.web.loopback import LoopbackServer

PORT = 8377
"""The usual port. A browser keeps a person's name, keys and labels that could not be sent by the
page's address, so that address should be the same every day."""


def serve_labels(
    project: LabelProject,
    *,
    port: int | None = None,
    open_browser: bool = True,
    author: str = "",
    progress: Progress | None = None,
) -> None:
    """Serve the labeller on 127.0.0.1 until Ctrl-C, or until the last person quits in the page.

    Args:
        project: The project; the caller closes its database afterwards.
        port: Port of the page; 0 for a free one; None for :data:`PORT`, or a free one if another
            program has it.
        open_browser: Whether to open the page in this machine's browser.
        author: Name that is proposed to a person who labels for the first time in this browser.
        progress: Receives the page's address; silent by default.

    Raises:
        InputError, OutputError: the store cannot be read or written, or another program has the
            port.

    """
    progress = progress or Silent()
    project.put_task_in_force()
    try:
        server = LoopbackServer(PORT if port is None else port)
    except OutputError:
        if port is not None:
            raise
        server = LoopbackServer()
    app = label_app(project, author=author, on_quit=server.stop)

    def ready() -> None:
        progress.say(f"labelling at {server.url}; end with esc in the page, or Ctrl-C here")
        if open_browser:  # some browsers return only when they are closed
            Thread(target=_open, args=(server.url, progress), daemon=True).start()

    server.run(app, ready)


def _open(url: str, progress: Progress) -> None:
    """Open a page in this machine's browser, if it has one."""
    if not webbrowser.open(url):
        progress.say(f"no browser was found; open {url} in one")
