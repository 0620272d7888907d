"""A labelling project: a store of labels, the pictures it is about, and what people are to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from closeup.labelling.label_task import LabelTask, schema_as_json
from closeup.labelling.session import LabelSession
from closeup.labelling.shown_pictures import PictureReader
from closeup.store.label_store import LabelStore
from closeup.store.leases import TERM

if TYPE_CHECKING:  # a store is opened without onnxruntime
    from closeup.labelling.quality_network import LabelQualityNetwork


@dataclass(frozen=True, slots=True)
class LabelProject:
    """What a front end opens; every person gets a session of it.

    Attributes:
        store: The store of labels; the opener closes its database.
        task: What people are to do.
        pictures: Reads the pictures.
        masks: Folder to which the masks of annotations are relative; None without masks.
        queue: Name of the queue to go through; None for everything in the store.
        overlap: Number of people to whom a picture is given.
        term: Seconds for which a picture is leased.
        quality: Judges the label on the screen; None without such a network.

    """

    store: LabelStore
    task: LabelTask
    pictures: PictureReader
    masks: Path | None = None
    queue: str | None = None
    overlap: int = 1
    term: float = TERM
    quality: LabelQualityNetwork | None = None

    def session(self, author: str, name: str | None = None) -> LabelSession:
        """A session of a person.

        Args:
            author: Name of the person.
            name: Name of the session among those of this person; a new one if None.

        """
        return LabelSession(
            self.store,
            self.task,
            author,
            queue=self.queue,
            overlap=self.overlap,
            name=name,
            term=self.term,
        )

    def put_task_in_force(self) -> None:
        """Record the task's schema, so that revisions from now on name it."""
        self.store.use_schema(schema_as_json(self.task.schema))
