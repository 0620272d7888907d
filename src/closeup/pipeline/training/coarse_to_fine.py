"""``closeup experiment coarse-to-fine``: whether networks get better than their coarse labels."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from closeup.evaluation.label_study import summarised
from closeup.evaluation.plots import draw_label_curves
from closeup.files.atomic import claiming, replacing
from closeup.files.documents import write_document
from closeup.open_models import Models
from closeup.pipeline.training.coarse_to_fine_faces import ReadFaces
from closeup.pipeline.training.coarse_to_fine_runs import Bench, CoarseToFineOptions, planned
from closeup.pipeline.training.experiment_inputs import ExperimentInputs, StepsAlone
from closeup.progress import Progress, Silent
from closeup.protocols import FaceDetector
from closeup.training.requirements import require_training

RESULT, FIGURE = "coarse-to-fine.json", "coarse-to-fine.png"


def coarse_to_fine(
    train: Path | str,
    test: Path | str,
    images: Path | str,
    out: Path | str,
    options: CoarseToFineOptions,
    *,
    detector: str | FaceDetector = "auto",
    models: Models | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train networks on each coarse method alone, then with labels by hand, and from scratch.

    The truth stands in for an annotator. An interrupted experiment is continued: finished runs
    are not repeated. More methods, labels and seeds may be added in the same folder.

    Args:
        train: CSV of hand-set pupils to learn from, see
            :func:`closeup.evaluation.pupil_truth.read_pupil_truth`. Faces of people who are
            also in ``test`` are left out.
        test: CSV of hand-set pupils to measure on.
        images: Folder of the photos of both.
        out: Receives ``coarse-to-fine.json``, ``coarse-to-fine.png``, and in ``runs`` a folder for
            each training, with its network and its result.
        options: Options of the experiment.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Returns:
        Content of the JSON: ``summary`` (rows of
        :func:`closeup.evaluation.label_study.summarised`), ``teachers`` and ``runs`` with all
        figures, ``photos``, ``options``, ``command``, ``machine`` and ``versions``.

    Raises:
        TrainingError: the extra ``train`` is not installed, or a training failed.
        InputError: a truth cannot be used, a photo is missing or damaged, there are too few, or
            ``out`` holds another experiment.
        ModelError: a model is missing or damaged.
        OutputError: ``out`` cannot be written.

    """
    inputs, out = ExperimentInputs(Path(train), Path(test), Path(images), detector), Path(out)
    require_training()
    models, progress = models or Models(), progress or Silent()
    with claiming(out):
        learning, testing = inputs.read(out, _key(options), options.methods, models, progress)
        bench = Bench(learning, testing, options, out / "runs", models)
        runs = _all_runs(bench, options, progress)
        teachers = [bench.teacher(method) for method in options.methods]
        summary = summarised(teachers, runs)
        result = {
            "summary": summary,
            "photos": _counted(learning, testing, bench),
            "teachers": teachers,
            "runs": runs,
            **inputs.provenance("coarse-to-fine", asdict(options), models),
        }
        write_document(out / RESULT, result)
        with replacing(out / FIGURE) as temporary:
            draw_label_curves(temporary, summary)
    return result


def _all_runs(
    bench: Bench, options: CoarseToFineOptions, progress: Progress
) -> list[dict[str, Any]]:
    """The results of all runs, including those that were done before."""
    runs = planned(options)
    steps = [bench.steps(run) for run in runs]
    progress.begin("training", sum(steps))
    results = []
    for number, (run, count) in enumerate(zip(runs, steps, strict=True), 1):
        result = bench.done(run)
        if result:
            progress.advance(count)
        else:
            result = bench.do(run, StepsAlone(progress))
            progress.say(
                f"{number} of {len(runs)}: {run}: {result['e_0.05']:.1%} within 0.05, "
                f"{result['seconds']:.0f} s"
            )
        results.append(result)
    return results


def _key(options: CoarseToFineOptions) -> dict[str, object]:
    """What all runs in one folder share: not methods, labels and seeds, whose runs have folders."""
    return {
        "epochs": options.epochs,
        "steps": options.steps,
        "scratch_steps": options.scratch_steps,
    }


def _counted(learning: ReadFaces, testing: ReadFaces, bench: Bench) -> dict[str, int]:
    return {
        "learning": len(bench.learning),
        "held_out": len(bench.held_out),
        "test": len(testing),
        "learning_without_face": _faceless(learning),
        "test_without_face": _faceless(testing),
    }


def _faceless(faces: ReadFaces) -> int:
    return sum(face.face is None for face in faces.faces)
