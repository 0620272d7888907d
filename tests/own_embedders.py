"""Two embedders that are not dlib's, with calibrations that the real command made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from closeup.models.catalog import find
from closeup.open_models import Models
from closeup.opening import open_embedder
from closeup.pipeline.evaluation.identity_calibration import calibrate_identity
from closeup.protocols import Embedder
from closeup.settings import Settings
from tests.embedding_networks import grid_network, write_people
from tests.random_sface import known_as_sface

DETECTOR = "yunet-n"


@dataclass(frozen=True, slots=True)
class OwnEmbedders:
    """What is in a folder of its own; open it only inside of :func:`known_as_sface`.

    Attributes:
        people: Folder of the labelled people that they were calibrated on.
        grid: The ONNX file of a 512-D embedding, its calibration beside it.
        settings: With SFace, of random weights, and its calibration in the cache.

    """

    people: Path
    grid: Path
    settings: Settings

    def named(self, name: str) -> str:
        """What to write after ``--embedder``: ``grid`` is the file."""
        return str(self.grid) if name == "grid" else name

    def opened(self, name: str) -> Embedder:
        """``grid`` or a name of :data:`closeup.opening.EMBEDDERS`, with its calibration."""
        with known_as_sface():
            return open_embedder(self.named(name), settings=self.settings, threads=1)

    def without_calibration(self, folder: Path) -> OwnEmbedders:
        """The same embedders in another folder, where nobody has calibrated them."""
        return _uncalibrated(folder, self.people, self.settings.models)


def make_own_embedders(shared_data: Path, models: Path, folder: Path) -> OwnEmbedders:
    """Write the networks and the people, and calibrate."""
    people = write_people(shared_data, folder / "people")
    made = _uncalibrated(folder, people, models)
    with known_as_sface():
        for name in ("grid", "sface"):
            calibrate_identity(
                people, made.named(name), detector=DETECTOR, models=Models(made.settings)
            )
    return made


def _uncalibrated(folder: Path, people: Path, models: Path | None) -> OwnEmbedders:
    settings = Settings(models, folder / "cache")
    settings.cache.mkdir(parents=True)
    grid = folder / "grid.onnx"
    grid.write_bytes(grid_network())
    with known_as_sface() as sface:
        (settings.cache / find("sface").file).write_bytes(sface)
    return OwnEmbedders(people, grid, settings)
