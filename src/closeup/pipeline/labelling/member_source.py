"""Where proposals of members' boxes come from: photos of the members, or a gallery."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from closeup.identity.gallery import FALSE_ACCEPT_RATE
from closeup.open_models import Models
from closeup.pipeline.labelling.label_projects import add_classes
from closeup.pipeline.labelling.proposers import MemberProposer
from closeup.pipeline.people.identify import FaceIdentifier
from closeup.pipeline.people.members import embedder_for, find_members, open_members
from closeup.progress import Progress
from closeup.protocols import Embedder, FaceDetector
from closeup.store.label_store import LabelStore


@dataclass(frozen=True, slots=True)
class MemberSource:
    """Where the members' names come from.

    Attributes:
        members: Folder of the members' photos, or a gallery's file.
        detector: Finds the faces; a name or an object.
        embedder: Computes their vectors; a name or an object.

    """

    members: Path
    detector: str | FaceDetector = "auto"
    embedder: str | Embedder = "auto"

    def proposer(
        self,
        store: LabelStore,
        models: Models,
        version: str,
        progress: Progress,
        *,
        guesses: bool = False,
    ) -> MemberProposer:
        """Open what proposes the boxes, and record the members' names.

        Args:
            store: Receives the names as classes.
            models: Opens models by name.
            version: Version of the proposals.
            progress: Receives messages about the photos.
            guesses: See :class:`MemberProposer`.

        Raises:
            InputError: the members cannot be enrolled.
            ModelError: a model cannot be opened.

        """
        found = find_members(self.members, progress)
        detector = models.detector(self.detector, threads=1, progress=progress)
        embedder = models.embedder(embedder_for(found, self.embedder), threads=1)
        of_photos = models.turned_detector(detector, photos=True)
        gallery = open_members(found, of_photos, embedder, progress)
        add_classes(store, gallery.names)
        identifier = FaceIdentifier(detector, embedder, gallery, FALSE_ACCEPT_RATE)
        photos = hashlib.sha256(gallery.vectors.tobytes()).hexdigest()[:8]
        return MemberProposer(identifier, f"{version} {photos}".strip(), guesses)
