from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY

SCRIPT = """
import sys
from pathlib import Path
from closeup.progress import Silent
from closeup.training.fitting import fit
from closeup.training.options import TrainingOptions
from tests.training.plane_task import PlaneLesson

fit(PlaneLesson(), TrainingOptions(epochs=2, batch=16), Path(sys.argv[1]), Silent())
"""


def test_a_process_of_its_own_writes_nothing_at_all(tmp_path: Path) -> None:
    place = tmp_path / "here"
    place.mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, tmp_path / "run"],
        cwd=place,
        env={"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "default"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert (ran.stdout, ran.stderr) == ("", "")
    assert list(place.iterdir()) == []
