"""The loop: propose, ask people, train, evaluate, and ask again, round by round."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from closeup.acquisition.stopping import LabelRound, StoppingRule
from closeup.errors import InputError
from closeup.files.atomic import claiming, writing
from closeup.labelling.project import LabelProject
from closeup.media.images import write_image
from closeup.pipeline.loop.answering import answer_queue
from closeup.pipeline.loop.asking import points_to_ask, verdicts_to_ask
from closeup.pipeline.loop.loop_history import (
    POINTS,
    STEPS,
    VERDICTS,
    LoopRound,
    LoopStep,
    answers_until,
)
from closeup.pipeline.loop.loop_kind import LoopKind, Oracle
from closeup.pipeline.loop.loop_options import LoopBudget, OracleOptions
from closeup.pipeline.loop.loop_page import TAUGHT, WORST, cases_sheet, write_loop_page
from closeup.pipeline.loop.loop_state import LoopState
from closeup.progress import Progress
from closeup.store.label_queue import LabelQueue, QueueCounts, Units, extend_queue, fill_queue
from closeup.store.label_store import LabelStore

_UNITS = {VERDICTS: Units.LABELS, POINTS: Units.PICTURES}


@dataclass(frozen=True, slots=True)
class LoopPause:
    """Where a run of a loop ended.

    Attributes:
        state: The state of the project.
        undecided: ``verdicts`` and ``points`` → number of units that wait for people; empty if
            the loop ended.
        steps: What is to be done next, one line each, commands among them.

    """

    state: LoopState
    undecided: Mapping[str, int]
    steps: tuple[str, ...]


class Loop:
    """Runs the rounds of a project.

    Args:
        state: The state of the project.
        kind: What is learnt.
        oracle: Answers in place of people; None lets the loop wait for them.
        progress: Receives stages and messages.

    """

    def __init__(
        self, state: LoopState, kind: LoopKind, oracle: OracleOptions | None, progress: Progress
    ) -> None:
        self.state = state
        self._kind, self._progress = kind, progress
        self._oracle_options = oracle
        self._oracle: Oracle | None = None

    def run(self, *, go_on: bool = False) -> LoopPause:
        """Go on until people must answer, or all rounds are done.

        Args:
            go_on: Whether to leave undecided units of the present round undecided.

        Raises:
            InputError: the pictures or labels cannot be used, or there are too few answers.
            OutputError: the project cannot be written, or another loop is at work in it.
            TrainingError: the training cannot begin or continue.

        """
        with claiming(self.state.folder):
            self.state = self.state.written()
            self._kind.collect(self._progress)
            if self._oracle_options:
                self._oracle = self._kind.oracle(self._oracle_options)
            with self._kind.open(self._progress) as project:
                return self._rounds(project, go_on=go_on)

    def _rounds(self, project: LabelProject, *, go_on: bool) -> LoopPause:
        while not self.state.end:
            step = self.state.round.step
            if step is LoopStep.ANSWER and not self._answered(project, go_on=go_on):
                return self._waiting(project)
            if step is LoopStep.DONE:
                self._next_round()
                go_on = False
                continue
            with self._timed(step):
                self._do(step, project)
        return self._paused({})

    def _do(self, step: LoopStep, project: LabelProject) -> None:
        if step is LoopStep.PROPOSE:
            self._kind.propose(project, self.state.models, self.state.round.version, self._progress)
        elif step is LoopStep.ASK:
            self._ask(project)
        elif step is LoopStep.ANSWER:
            self._count(project)
        elif step is LoopStep.LEARN:
            self._learn(project)
        else:
            self._evaluate(project)

    @contextmanager
    def _timed(self, step: LoopStep) -> Iterator[None]:
        """Record that a step is done, and how long it took in all runs."""
        begin = time.perf_counter()
        yield
        spent = self.state.round.seconds.get(step, 0.0) + time.perf_counter() - begin
        following = STEPS[STEPS.index(step) + 1]
        seconds = {**self.state.round.seconds, str(step): round(spent, 1)}
        self.state = self.state.updated(step=following, seconds=seconds)

    def _ask(self, project: LabelProject) -> None:
        """Fill the queues of the round; what is labelled by hand needs no verdict.

        A round whose answers did not suffice gets more of both, once all are decided.
        """
        earlier = self.state.round.asked
        if earlier and any(self._undecided(project).values()):
            return
        points = points_to_ask(self._kind, project, self.state, self._progress)
        taken = {unit.item for unit, _ in points}
        verdicts = verdicts_to_ask(self._kind, project, self.state, self._progress, taken)
        asked = {VERDICTS: verdicts, POINTS: points}
        if not any(asked.values()):
            self._progress.say("nothing is left to ask")
        for name, entries in asked.items():
            put = extend_queue if earlier else fill_queue
            put(project.store.database, self.state.round.queue(name), entries)
        counts = {name: earlier.get(name, 0) + len(entries) for name, entries in asked.items()}
        self.state = self.state.updated(asked=counts)

    def _answered(self, project: LabelProject, *, go_on: bool) -> bool:
        """Let the oracle answer; whether the round can go on."""
        if self._oracle is not None:
            with self._adding("oracle"):
                for kind, task in ((VERDICTS, "review"), (POINTS, self._kind.label_task)):
                    queue = self.state.round.queue(kind)
                    answer_queue(project, queue, task, self._oracle, self._progress)
        left = self._undecided(project)
        undecided, asked = sum(left.values()), sum(self.state.round.asked.values())
        if go_on and undecided and undecided == asked:
            raise InputError(
                f"{self.state.folder}: nothing of round {self.state.round.number} is answered yet, "
                "so there is nothing to go on with; answer some"
            )
        return go_on or not undecided

    @contextmanager
    def _adding(self, name: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        seconds = dict(self.state.round.seconds)
        seconds[name] = round(seconds.get(name, 0.0) + time.perf_counter() - begin, 1)
        self.state = self.state.updated(seconds=seconds)

    def _counts(self, project: LabelProject, kind: str) -> QueueCounts:
        database, name = project.store.database, self.state.round.queue(kind)
        return LabelQueue(database, _UNITS[kind], name=name).counts()

    def _undecided(self, project: LabelProject) -> dict[str, int]:
        counts = {kind: self._counts(project, kind) for kind in (VERDICTS, POINTS)}
        return {kind: own.all - own.decided for kind, own in counts.items()}

    def _count(self, project: LabelProject) -> None:
        """Record what was answered, and by whom, up to now."""
        answered = {kind: self._counts(project, kind).decided for kind in (VERDICTS, POINTS)}
        new = _authors(project.store)
        for one in self.state.rounds[:-1]:
            new.subtract(one.authors)
        authors = {name: count for name, count in new.most_common() if count > 0}
        self.state = self.state.updated(answered=answered, authors=authors)

    def _learn(self, project: LabelProject) -> None:
        """Train on all labels; where these do not suffice, the next run asks for more."""
        self._begin_anew_after_changes(project)
        state, budget = self.state, self.state.budget
        last = state.round.number == budget.rounds
        effort = replace(budget, epochs=budget.epochs * 2) if last else budget
        seed = 100 * state.setup.seed + state.round.number
        folder = state.folder / state.round.folder
        try:
            learnt = self._kind.learn(project, state.models, folder, effort, seed, self._progress)
        except InputError:
            self.state = state.updated(step=LoopStep.ASK)
            raise
        models = tuple(path.relative_to(state.folder).as_posix() for path in learnt.models)
        self.state = state.updated(models=models, sources=dict(learnt.sources))

    def _begin_anew_after_changes(self, project: LabelProject) -> None:
        """Delete what an interrupted training left if labels changed since."""
        revision = project.store.revision_count()
        if revision == self.state.round.revision:
            return
        folder = self.state.folder / self.state.round.folder
        if folder.exists():
            self._progress.say("labels changed since the training began; it begins anew")
            with writing(folder):
                shutil.rmtree(folder)
        self.state = self.state.updated(revision=revision)

    def _evaluate(self, project: LabelProject) -> None:
        state = self.state
        found = self._kind.evaluate(project, state.models_of(-1), state.models, self._progress)
        folder = state.folder / state.round.folder
        for name, cases in ((WORST, found.worst), (TAUGHT, found.taught)):
            if cases:
                write_image(folder / name, cases_sheet(cases))
        self.state = state.updated(
            figures=dict(found.figures),
            interval=found.interval,
            count=found.count,
            agreement=found.agreement,
        )
        advice = _advice(self.state.rounds, self._kind.goal, state.budget)
        self.state = self.state.updated(advice=advice)
        low, high = found.interval
        self._progress.say(
            f"round {state.round.number}: {found.figures[self._kind.goal]:.1%} "
            f"({low:.1%} to {high:.1%}) of {found.count} {self._kind.goal_text}"
        )

    def _next_round(self) -> None:
        state, number = self.state, self.state.round.number
        if number >= state.budget.rounds:
            self.state = state.written(end=f"all {number} rounds are done")
        else:
            self.state = state.written(rounds=(*state.rounds, LoopRound(number + 1)))
        self._write_page(())

    def _waiting(self, project: LabelProject) -> LoopPause:
        return self._paused(self._undecided(project))

    def _paused(self, undecided: Mapping[str, int]) -> LoopPause:
        steps = _next_steps(self.state, self._kind, undecided)
        self._write_page(steps)
        return LoopPause(self.state, undecided, steps)

    def _write_page(self, steps: tuple[str, ...]) -> None:
        write_loop_page(self.state, self._kind, steps)


def _advice(rounds: tuple[LoopRound, ...], goal: str, budget: LoopBudget) -> str:
    """Whether the points of another round pay, by what those before brought."""
    history = [
        LabelRound(points, one.figures[goal], one.count, one.agreement)
        for one, points in zip(rounds, answers_until(rounds, POINTS), strict=True)
        if one.count
    ]
    return StoppingRule().advise(history, max(1, budget.points)).sentence if history else ""


def _authors(store: LabelStore) -> Counter[str]:
    """Person → number of revisions that they wrote."""
    counts: Counter[str] = Counter()
    after = 0
    while records := store.revisions(after):
        counts.update(record.author for record in records if record.author)
        after = records[-1].id
    return counts


def _next_steps(state: LoopState, kind: LoopKind, undecided: Mapping[str, int]) -> tuple[str, ...]:
    """What people are to do, in lines."""
    if not undecided:
        return (f"{state.end}; more: closeup loop {state.folder} --rounds {len(state.rounds) + 1}",)
    commands = {
        VERDICTS: f"closeup review {kind.pictures} --queue {state.round.queue(VERDICTS)}",
        POINTS: f"closeup label {kind.pictures} --task {kind.label_task} "
        f"--queue {state.round.queue(POINTS)}",
    }
    return (
        *(
            f"{commands[name]}   # {left} of {state.round.asked[name]} undecided"
            for name, left in undecided.items()
            if left
        ),
        f"closeup loop {state.folder}   # when they are decided; with --go-on before",
    )
