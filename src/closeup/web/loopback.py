"""Serves an app to the browsers of this machine only.

Other web sites that are open in the same browser must not reach it: a request is refused if its
``Host`` is another name (a site whose name was made to lead to 127.0.0.1), or if another site sent
it and it would change something.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import uvicorn
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from closeup.errors import OutputError

ADDRESS = "127.0.0.1"
_NAMES = {ADDRESS, "localhost", "::1"}
_READING = {"GET", "HEAD", "OPTIONS"}
_FAILED = 400
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; "
    "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class LoopbackGuard:
    """Middleware that refuses requests of other sites, and sets the headers of a closed page.

    Args:
        app: The app.

    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reason = refusal(scope["method"], Headers(scope=scope))
        if reason is not None:
            await JSONResponse({"detail": reason}, 403)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                # Browsers keep some errors, such as 410, if nothing forbids it.
                failed = message["status"] >= _FAILED
                usual = headers.get("Cache-Control", "no-cache")
                headers["Cache-Control"] = "no-store" if failed else usual
            await send(message)

        await self._app(scope, receive, with_headers)


def refusal(method: str, headers: Headers) -> str | None:
    """Why a request is refused; None if it is not.

    A program that is no browser sends neither ``Sec-Fetch-Site`` nor ``Origin``, and is let in.
    """
    host = headers.get("host", "")
    if _hostname(host) not in _NAMES:
        return f"{host!r} is not this machine; open the address that the program printed"
    if method in _READING:
        return None
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        foreign = site not in {"same-origin", "none"}
    else:
        foreign = origin is not None and urlsplit(origin).netloc != host
    return "another site sent this; open the address that the program printed" if foreign else None


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


class LoopbackServer:
    """A server on this machine's own address, which listens as soon as it is made.

    Args:
        port: Its port; 0 for a free one.

    Raises:
        OutputError: another program has the port.

    """

    def __init__(self, port: int = 0) -> None:
        # With the protocol named, asyncio lets connections send at once (TCP_NODELAY); else every
        # answer waits 40 ms for the one before to be acknowledged.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((ADDRESS, port))
        except (OSError, OverflowError) as error:
            self._socket.close()
            raise OutputError(
                f"the port {port} cannot be used ({error}); name another one, or 0 for a free one"
            ) from error
        self._socket.listen()
        self.url = f"http://{ADDRESS}:{self._socket.getsockname()[1]}/"
        self._server: uvicorn.Server | None = None

    def run(self, app: ASGIApp, ready: Callable[[], None] | None = None) -> None:
        """Answer requests with an app until :meth:`stop` or Ctrl-C.

        Args:
            app: The app.
            ready: Called before the first request is answered; those that come sooner wait.

        """
        config = uvicorn.Config(
            app, log_level="error", access_log=False, timeout_graceful_shutdown=2, lifespan="off"
        )
        self._server = uvicorn.Server(config)
        try:
            if ready is not None:
                ready()
            self._server.run(sockets=[self._socket])
        except KeyboardInterrupt:
            pass
        finally:
            self._socket.close()

    def stop(self) -> None:
        """End :meth:`run` after the requests that are being answered; any thread may call it."""
        if self._server is not None:
            self._server.should_exit = True
