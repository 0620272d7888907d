"""The web app: pages on this machine's own address, for its own browsers."""

from __future__ import annotations

from importlib.util import find_spec

from closeup.errors import OutputError

if missing := [name for name in ("fastapi", "uvicorn") if find_spec(name) is None]:
    raise OutputError(
        f"pages in the browser need {', '.join(missing)}, not installed here; "
        "run: pip install 'closeup[web]'"
    )
