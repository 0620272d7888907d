"""All commands, in the order of ``closeup --help``, with their modules and lines of help.

A command is imported only when it is called, so that help, the version and errors in names are
shown at once.
"""

from __future__ import annotations

from typing import Annotated

import typer

from closeup.cli.lazy import LazyCommand, LazyGroup, command_of

_HELP = "Find every face in a video, know who each one is, and make close-ups of them."


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"closeup {version('closeup')}")
        raise typer.Exit


def _closeup(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Hold the options of ``closeup`` itself."""


app = LazyGroup(
    "closeup",
    _HELP,
    LazyCommand(
        "fancam",
        "closeup.cli.fancams.fancam:fancam",
        "Make a close-up video of every member, from a stage video and a few photos of each.",
    ),
    LazyCommand(
        "demo",
        "closeup.cli.fancams.demo:demo",
        "Draw a stage with two performers and make a close-up video of each.",
    ),
    LazyCommand(
        "faces",
        "closeup.cli.search.faces:faces",
        "Find every face of an image, a folder or a video; draw them, write JSON and CSV.",
    ),
    LazyCommand(
        "pupils",
        "closeup.cli.search.pupils:pupils",
        "Find the pupils of every face of an image, a folder or a video; draw them, write CSV.",
    ),
    LazyCommand(
        "align",
        "closeup.cli.search.align:align",
        "Cut faces out of pictures, upright and equally large, as networks and albums want them.",
    ),
    LazyCommand(
        "identify",
        "closeup.cli.search.identify:identify",
        "Name every face: the most likely member, the confidence, and the runner-up.",
    ),
    LazyCommand(
        "effect",
        "closeup.cli.effects.effect:effect",
        "Draw on the faces of a photo, a folder or a video: cartoon eyes, glares, stickers, blur.",
    ),
    LazyCommand(
        "camera",
        "closeup.cli.effects.camera:camera",
        "Draw effects on the pictures of a camera, in a window, a recording or a virtual camera.",
    ),
    LazyCommand(
        "enrol",
        "closeup.cli.people.enrol:enrol",
        "Turn photos of members into a gallery: one small file that other commands read.",
    ),
    LazyCommand(
        "verify",
        "closeup.cli.people.verify:verify",
        "Say whether two photos show the same person, and how often that is wrong.",
    ),
    LazyCommand(
        "cluster",
        "closeup.cli.people.cluster:cluster",
        "Sort unknown faces by person, and make members of them.",
    ),
    LazyCommand(
        "label",
        "closeup.cli.labelling.label:label",
        "Label pictures in the browser: review proposals, set points, draw boxes with names.",
    ),
    LazyCommand(
        "review",
        "closeup.cli.labelling.review:review",
        "Call proposed labels true or false, one key each; masks are laid over the pictures.",
    ),
    LazyCommand(
        "next",
        "closeup.cli.labelling.next:next_",
        "Choose what is labelled next, where labels teach the most, and make a queue of it.",
    ),
    LazyGroup(
        "labels",
        "Import, export, check, count and merge labels.",
        LazyCommand(
            "import",
            "closeup.cli.labelling.exchange:import_",
            "Add the labels of a file; those that are there already stay as they are.",
        ),
        LazyCommand(
            "export",
            "closeup.cli.labelling.exchange:export",
            "Write labels to a file; what the format cannot carry is said before.",
        ),
        LazyCommand(
            "check",
            "closeup.cli.labelling.checks:check",
            "Find suspicious labels, rank them, and make a queue of them to review.",
        ),
        LazyCommand(
            "queues",
            "closeup.cli.labelling.checks:queues",
            "List the queues of a store, and how many of their labels are decided.",
        ),
        LazyCommand(
            "stats",
            "closeup.cli.labelling.figures:stats",
            "Count labels and verdicts by method, person and class; measure labels an hour.",
        ),
        LazyCommand(
            "agreement",
            "closeup.cli.labelling.figures:agreement",
            "Compare people who labelled the same pictures with --overlap; queue what differs.",
        ),
        LazyCommand(
            "merge",
            "closeup.cli.labelling.merge:merge",
            "Add all that another store has: pictures, labels, verdicts, and their history.",
        ),
    ),
    LazyCommand(
        "loop",
        "closeup.cli.loop.loop:loop",
        "Label and train in rounds: propose, ask people, train, measure, and ask again.",
    ),
    LazyGroup(
        "collect",
        "Collect pictures for data sets.",
        LazyCommand(
            "video",
            "closeup.cli.collection.video:video",
            "Write frames of videos as pictures: every n-th, of each shot, or the most different.",
        ),
        LazyCommand(
            "people",
            "closeup.cli.collection.people:people",
            "Copy pictures to a folder for each member whom they show.",
        ),
        LazyCommand(
            "clean",
            "closeup.cli.collection.clean:clean",
            "Take copies and unfit pictures out of a folder, each for a reason, or put them back.",
        ),
    ),
    LazyGroup(
        "dataset",
        "Make data sets of labelled pictures.",
        LazyCommand(
            "import",
            "closeup.cli.datasets.importing:import_",
            "Read the labels of a public set (bioid, 300w, dlib-xml, lfw, lpw, coco, csv).",
        ),
        LazyCommand(
            "eyes",
            "closeup.cli.datasets.eyes:eyes",
            "Cut out all eyes, label the pupils, check the labels, and show them on a page.",
        ),
        LazyCommand(
            "scenes",
            "closeup.cli.datasets.scenes:scenes",
            "Compose scenes of faces, large and small, with boxes and five points for each.",
        ),
        LazyCommand(
            "members",
            "closeup.cli.datasets.members:members",
            "Label frames of a stage video by the faces that are identified with certainty.",
        ),
    ),
    LazyGroup(
        "evaluate",
        "Measure the accuracy of pupils and embeddings.",
        LazyCommand(
            "pupils",
            "closeup.cli.evaluation.pupils:pupils",
            "Measure pupil methods on photos with hand-set pupils, or on a video.",
        ),
        LazyCommand(
            "lfw",
            "closeup.cli.evaluation.lfw:lfw",
            "Run the verification protocol of Labeled Faces in the Wild.",
        ),
    ),
    LazyGroup(
        "calibrate",
        "Fit methods and embedders to labelled photos.",
        LazyCommand(
            "pupils",
            "closeup.cli.evaluation.calibrate:pupils",
            "Fit one constant offset per eye, and measure its gain on held-out faces.",
        ),
        LazyCommand(
            "identity",
            "closeup.cli.evaluation.calibrate:identity",
            "Measure what an embedder's distances mean, on photos of labelled people.",
        ),
    ),
    LazyGroup(
        "train",
        "Train networks on data sets.",
        LazyCommand(
            "pupils",
            "closeup.cli.training.pupils:pupils",
            "Train a network that finds pupils, and write it as one ONNX file.",
        ),
        LazyCommand(
            "faces",
            "closeup.cli.training.detectors:faces",
            "Train a detector of faces with five points.",
        ),
        LazyCommand(
            "members",
            "closeup.cli.training.detectors:members",
            "Train a detector of the classes of a labelled set.",
        ),
        LazyCommand(
            "rescorer",
            "closeup.cli.training.rescorer:rescorer",
            "Train the second network of the detector closeup, and write it as one ONNX file.",
        ),
        LazyCommand(
            "quality",
            "closeup.cli.training.quality:quality",
            "Train a network on people's verdicts that tells good labels from bad ones.",
        ),
        LazyCommand(
            "identity",
            "closeup.cli.training.identity:identity",
            "Train a network that gives a vector for a face, and write it as one ONNX file.",
        ),
    ),
    LazyGroup(
        "experiment",
        "Run experiments with the training of networks.",
        LazyCommand(
            "coarse-to-fine",
            "closeup.cli.training.coarse_to_fine:coarse_to_fine_",
            "Measure whether networks get better than the coarse labels that teach them.",
        ),
        LazyCommand(
            "active",
            "closeup.cli.training.active:active",
            "Measure how many labels are saved by choosing what is labelled.",
        ),
        LazyCommand(
            "facenet",
            "closeup.cli.training.facenet:facenet",
            "Run the studies of the FaceNet paper on a small scale.",
        ),
    ),
    LazyCommand(
        "models",
        "closeup.cli.models:app",
        "List the models, their licences and where they are; fetch one.",
    ),
)
app.params = command_of(_closeup).params
