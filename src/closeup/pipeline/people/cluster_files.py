"""The folder of a run's results: what an earlier run made gives way, all else stays."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from closeup.errors import InputError, OutputError
from closeup.files.documents import write_document
from closeup.pipeline.people.clusters import DOCUMENT, SHEET, UNFINISHED, People, read_document


def files_of_earlier_run(out: Path) -> set[str]:
    """What an earlier run made in ``out``, by its own list; names below ``out``.

    Raises:
        OutputError: the list is damaged, so nobody knows what may be replaced.

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
    """Put finished files and ``clusters.json`` into their places, and take the earlier run's away.

    First ``clusters.json`` says what is new and what is still to go, so that an interrupted run
    is known for one, and the next run tidies up.

    Args:
        out: The folder.
        people: What ``clusters.json`` will say.
        fresh: Finished files by their name below ``out``, on the same file system.

    Raises:
        OutputError: something cannot be written or taken away.

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
    write_document(out / DOCUMENT, record)
