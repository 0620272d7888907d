"""A folder in which a long job can be started, interrupted and resumed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from closeup.errors import InputError
from closeup.files.documents import read_document, write_document


class WorkFolder:
    """A job's folder with a manifest that records the job's *key*, all its results depend on.

    A job first calls :meth:`earlier`. If that returns None, it calls :meth:`write` before its
    first part, else it resumes after the parts that exist. At the end it writes the manifest
    again with figures of its results.

    Args:
        path: The folder; it need not exist yet.
        manifest: Name of the manifest, a JSON file.
        key: Options and fingerprints of the source, values that JSON supports. The options may
            be an object of their own in it.
        fingerprints: Names in ``key`` whose values are meaningless to readers, with the text of
            the error message if they differ, such as "other photos".
        version: Version of the folder's layout; a manifest without one is of version 1.
        foreign: Files or folders that, without a manifest, belong to something else.

    """

    def __init__(
        self,
        path: Path,
        manifest: str,
        key: Mapping[str, Any],
        *,
        fingerprints: Mapping[str, str] | None = None,
        version: int = 1,
        foreign: tuple[str, ...] = (),
    ) -> None:
        self.path, self.manifest = path, path / manifest
        self._key: dict[str, Any] = json.loads(json.dumps(key))  # as it will be read back
        self._fingerprints, self._version = fingerprints or {}, version
        self._foreign = foreign

    def earlier(self) -> dict[str, Any] | None:
        """Return the manifest of an earlier run of the same job; None if no job was started.

        Raises:
            InputError: the folder contains a job with another key or version, results of something
                else, or a damaged manifest.

        """
        if not self.manifest.exists():
            self._refuse_foreign()
            return None
        return read_document(self.manifest, self._same, self._way_out)

    def write(self, notes: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Write the manifest with version, key and ``notes``; return its content.

        Raises:
            OutputError: it cannot be written.

        """
        document = {"version": self._version, "key": self._key, **(notes or {})}
        write_document(self.manifest, document, checksum=True)
        return document

    @property
    def _way_out(self) -> str:
        return f"choose another folder, or delete {self.path}"

    def _refuse_foreign(self) -> None:
        for name in self._foreign:
            if (self.path / name).exists():
                raise InputError(
                    f"{self.path} holds {name} of something else, as {self.manifest.name} is "
                    "missing; choose another folder"
                )

    def _same(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return the document if it belongs to this job."""
        version = document.get("version", 1)
        differing = [f"version {version} instead of {self._version}"]
        if version == self._version:
            # Early experiments and trainings had the key's entries beside the others.
            differing = list(self._differences(document.get("key", document), self._key))
        if differing:
            raise InputError(f"{self.path} was begun with {', '.join(differing)}; {self._way_out}")
        return document

    def _differences(self, before: object, now: Mapping[str, Any]) -> Iterator[str]:
        if not isinstance(before, dict):
            raise TypeError(f"{json.dumps(before)[:40]} instead of options")
        for name, value in now.items():
            if isinstance(value, dict):
                yield from self._differences(before[name], value)
            elif before.get(name) != value:
                told = f"{name} {_as_text(before.get(name))} instead of {_as_text(value)}"
                yield self._fingerprints.get(name, told)


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return "×".join(map(_as_text, value))
    return "none" if value is None else str(value)
