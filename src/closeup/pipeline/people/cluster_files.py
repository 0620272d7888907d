"""Replaces an earlier run's results in a folder; all other files stay."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from closeup.errors import InputError, OutputError
from closeup.files.documents import write_document
from closeup.pipeline.people.clusters import DOCUMENT, SHEET, UNFINISHED, People, read_document


def files_of_earlier_run(out: Path) -> set[str]:
    """Return the files that an earlier run made in ``out``, by its list; names below ``out``.

    Raises:
        OutputError: the list is damaged, so the files to replace are unknown.

    """
    if not (out / DOCUMENT).exists():
        return set()
    try:
        people, unfinished = read_document(out)
    except InputError as error:
        raise OutputError(str(error)) from error
    sheet = {SHEET} if people.groups else set()
    return {*people.files, *(unfinished or ()), *sheet}


def replace_results(out: Path, people: People, fresh: Mapping[str, Path]) -> None:
    """Move finished files and ``clusters.json`` into place, and delete the earlier run's files.

    ``clusters.json`` is written first, with the new files and those still to be deleted: an
    interrupted run is thereby recognised, and the next run completes the deletion.

    Args:
        out: The folder.
        people: Content of ``clusters.json``.
        fresh: Finished files by their name below ``out``, on the same file system.

    Raises:
        OutputError: a file cannot be written or deleted.

    """
    earlier = sorted(files_of_earlier_run(out) - set(fresh))
    _write_document(out, people, earlier)
    try:
        for name in earlier:
            (out / name).unlink(missing_ok=True)
        for name, file in fresh.items():
            place = out / name
            place.parent.mkdir(exist_ok=True)
            file.replace(place)
        for folder in {(out / name).parent for name in earlier} - {out}:
            with suppress(OSError):  # it is not empty
                folder.rmdir()
    except OSError as error:
        raise OutputError(
            f"cannot write {error.filename2 or error.filename}: {error.strerror or error}; "
            "choose another folder"
        ) from error
    _write_document(out, people)


def _write_document(out: Path, people: People, unfinished: list[str] | None = None) -> None:
    record = people.record()
    if unfinished is not None:
        record[UNFINISHED] = unfinished
    write_document(out / DOCUMENT, record, checksum=True)
