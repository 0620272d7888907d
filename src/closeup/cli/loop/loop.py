"""``closeup loop``: propose labels, ask people, train, measure, and ask again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from closeup.cli.inputs import need
from closeup.cli.progress import RichProgress
from closeup.pipeline.loop.loop_options import KINDS, LoopBudget, OracleOptions

_USUAL = LoopBudget()


def _noise(text: str) -> tuple[float, float]:
    points, _, wrong = text.partition(",")
    try:
        return float(points), float(wrong or 0)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is not POINTS,WRONG, such as 0.01,0.02: the standard deviation of points "
            "and the share of wrong verdicts"
        ) from None


def loop(
    project: Annotated[
        Path, typer.Argument(help="Folder of everything; later runs go on.", metavar="PROJECT")
    ],
    pictures: Annotated[
        Path | None, typer.Option(help="Folder of photos, or a video; to begin a project.")
    ] = None,
    learn: Annotated[str | None, typer.Option(help=f"{' or '.join(KINDS)}.")] = None,
    coarse: Annotated[
        str | None,
        typer.Option(help="Pupil methods that propose first, comma-separated: see closeup pupils."),
    ] = None,
    members: Annotated[Path | None, typer.Option(help="Photos of the members.")] = None,
    every: Annotated[
        int | None, typer.Option(help="Take every N-th frame of a video.", min=1)
    ] = None,
    detector: Annotated[
        str | None, typer.Option(help="The face detector: auto, or see closeup models.")
    ] = None,
    test: Annotated[
        Path | None, typer.Option(help="Truth to measure on; its people are kept out.")
    ] = None,
    test_images: Annotated[Path | None, typer.Option(help="Folder of the test's photos.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed makes the same choices.")] = None,
    rounds: Annotated[
        int | None, typer.Option(help=f"Number of rounds; {_USUAL.rounds} if not given.")
    ] = None,
    verdicts: Annotated[
        int | None, typer.Option(help=f"Verdicts asked in a round; {_USUAL.verdicts}.")
    ] = None,
    points: Annotated[
        int | None, typer.Option(help=f"Labels by hand asked in a round; {_USUAL.points}.")
    ] = None,
    networks: Annotated[
        int | None, typer.Option(help=f"Networks of the ensemble; {_USUAL.networks}.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help=f"Passes in a training; {_USUAL.epochs}.")
    ] = None,
    go_on: Annotated[bool, typer.Option("--go-on", help="Go on with the answers so far.")] = False,
    oracle: Annotated[
        Path | None, typer.Option(help="CSV of the truth, which answers in place of people.")
    ] = None,
    oracle_tolerance: Annotated[
        float | None, typer.Option(help="Largest error of a label that the oracle calls true.")
    ] = None,
    oracle_noise: Annotated[
        str,
        typer.Option(help="Errors of the oracle: deviation of points, share of wrong verdicts."),
    ] = "0,0",
) -> None:
    """Label and train in rounds: propose, ask people, train, measure, and ask again."""
    from closeup.pipeline.loop.loop_projects import run_loop

    setup: dict[str, Any] = {
        "pictures": pictures, "learn": learn, "members": members, "every": every,
        "detector": detector, "test": test, "test_images": test_images, "seed": seed,
        "coarse": tuple(coarse.split(",")) if coarse else None,
    }  # fmt: skip
    budget = {
        "rounds": rounds, "verdicts": verdicts, "points": points, "networks": networks,
        "epochs": epochs,
    }  # fmt: skip
    need(pictures, members, test, test_images, oracle)
    noise, wrong = _noise(oracle_noise)
    try:
        answers = None if oracle is None else OracleOptions(oracle, oracle_tolerance, noise, wrong)
        with RichProgress() as progress:
            pause = run_loop(
                project, _given(setup), _given(budget), oracle=answers, go_on=go_on,
                progress=progress,
            )  # fmt: skip
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    for line in pause.steps:
        typer.echo(line)


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
