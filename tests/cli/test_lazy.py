"""The command line loads what is called, and its help says what the loaded commands say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from typer.core import TyperGroup

from closeup.cli.app import app
from closeup.cli.lazy import LazyCommand, LazyGroup

HEAVY = (
    "numpy", "cv2", "onnxruntime", "onnx", "scipy", "torch", "lightning", "matplotlib", "av",
    "scenedetect", "jinja2", "skimage", "dlib", "PIL", "yaml",
)  # fmt: skip


def lazy_commands(group: TyperGroup) -> Iterator[LazyCommand]:
    for command in group.commands.values():
        if isinstance(command, LazyGroup):
            yield from lazy_commands(command)
        else:
            assert isinstance(command, LazyCommand)
            yield command


@pytest.mark.parametrize("command", [*lazy_commands(app)], ids=lambda command: str(command.name))
def test_the_line_of_a_command_is_its_help(command: LazyCommand) -> None:
    loaded = command.load()
    assert loaded.name == command.name
    assert loaded.help == command.help
    assert loaded.callback is not None


def test_the_commands_of_a_group_have_different_names() -> None:
    names = [command.name for command in app.commands.values()]
    assert len(names) == len(set(names)) == 23


@pytest.mark.parametrize(
    ("arguments", "status", "needed"),
    [
        ("--help", 0, ""),
        ("--version", 0, ""),
        ("dataset --help", 0, ""),
        ("models --json", 0, ""),
        ("xyzzy", 2, ""),
        ("fancma", 2, ""),
        ("train xyzzy", 2, ""),
        ("fancam none.mp4 --members none --out out", 2, "numpy"),
        ("faces none.jpg --json", 2, "numpy cv2 PIL av"),
        ("pupils none.jpg --json", 2, ""),
        ("align none.jpg --template crop", 2, "numpy"),
        ("identify none.jpg --members none", 2, "numpy cv2 PIL"),
        ("enrol none --out a.npz", 2, "numpy cv2 PIL"),
        ("verify none.jpg none.jpg", 2, "numpy"),
        ("cluster none --out out", 2, "numpy cv2 PIL"),
        ("label none", 2, "numpy cv2 PIL yaml"),
        ("review none", 2, "numpy cv2 PIL yaml"),
        ("next none", 2, "numpy cv2 PIL yaml"),
        ("loop --help", 0, "numpy"),
        ("labels --help", 0, ""),
        ("labels stats none", 2, "numpy cv2 PIL yaml"),
    ],
)
def test_little_is_imported_for(arguments: str, status: int, needed: str) -> None:
    heavy = set(HEAVY) - set(needed.split())
    script = (
        "import sys\n"
        "from closeup.cli import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        f"    print(*sorted(set(sys.modules) & {heavy!r}), file=sys.stderr)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments.split()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == status
    assert ran.stderr.splitlines()[-1] == ""
