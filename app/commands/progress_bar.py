"""How a run tells of itself: a bar on a terminal, lines in a file, or JSON for programs."""

import math
import sys
import time
from typing import Protocol

from tqdm import tqdm

from app.cli.console import say_json, tell
from core.pipeline.events import Placed, Remark
from core.pipeline.run import Event, Finished
from core.progress import Progress
from core.train.steps import Step

LINE_SECONDS = 5.0
JSON_SECONDS = 0.25
TRAINING = "Training"
NAMED_AT_MOST = 8


class Reporter(Protocol):
    """Shows the events of a run."""

    def show(self, event: Event) -> None: ...

    def close(self) -> None: ...


def reporter(*, as_json: bool) -> Reporter:
    """The one that fits: JSON where asked for, else by whether stderr is a terminal."""
    if as_json:
        return JsonLines()
    return Bar() if sys.stderr.isatty() else Lines()


class Bar:
    """A tqdm bar for each stage."""

    def __init__(self) -> None:
        self._bar: tqdm | None = None
        self._stage = ""

    def show(self, event: Event) -> None:
        match event:
            case Progress():
                self._move(event.stage, event.done, event.total, event.note)
            case Step():
                self._move(TRAINING, event.iteration, event.iterations, _training(event))
            case Placed():
                self.close()
                for line in placed_lines(event):
                    tell(line)
            case Remark():
                self.close()
                tell(event.words)
            case _:
                pass

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar, self._stage = None, ""

    def _move(self, stage: str, done: float, total: float, note: str) -> None:
        if stage != self._stage or self._bar is None:
            self.close()
            self._bar = tqdm(desc=stage, total=total or None, file=sys.stderr, dynamic_ncols=True)
            self._stage = stage
        self._bar.total = total or None
        self._bar.set_postfix_str(note, refresh=False)
        # A stage may begin anew (another try); tqdm counts only forwards by itself.
        self._bar.n = done
        self._bar.update(0)
        if done >= total:
            self._bar.refresh()


class Lines:
    """A plain line at each new stage, and every few seconds."""

    def __init__(self) -> None:
        self._stage = ""
        self._told = 0.0

    def show(self, event: Event) -> None:
        match event:
            case Progress():
                self._line(event.stage, f"{event.done:g} of {event.total:g} {event.note}".rstrip())
            case Step():
                count = f"{event.iteration} of {event.iterations}"
                self._line(TRAINING, f"{count}, {_training(event)}")
            case Placed():
                for line in placed_lines(event):
                    tell(line)
            case Remark():
                tell(event.words)
            case _:
                pass

    def close(self) -> None:
        pass

    def _line(self, stage: str, words: str) -> None:
        now = time.monotonic()
        if stage != self._stage or now - self._told >= LINE_SECONDS:
            self._stage, self._told = stage, now
            tell(f"{stage}: {words}")


class JsonLines:
    """One JSON object a line on stdout, a few a second at most."""

    def __init__(self) -> None:
        self._stage = ""
        self._told = 0.0

    def show(self, event: Event) -> None:
        match event:
            case Progress():
                if self._due(event.stage, event.done >= event.total):
                    say_json({"event": "progress", **vars(event)})
            case Step():
                if self._due(TRAINING, event.iteration >= event.iterations):
                    say_json({"event": "step", "stage": TRAINING, **vars(event)})
            case Placed():
                say_json(
                    {
                        "event": "placed",
                        "registered": len(event.reconstruction.photos),
                        "train": event.split.train,
                        "test": event.split.test,
                        "warnings": event.reconstruction.warnings,
                    }
                )
            case Remark():
                say_json({"event": "remark", "words": event.words})
            case Finished():
                say_json({"event": "finished", "out": str(event.out), "metrics": event.metrics})
            case _:
                pass

    def close(self) -> None:
        pass

    def _due(self, stage: str, last: bool) -> bool:
        now = time.monotonic()
        due = last or stage != self._stage or now - self._told >= JSON_SECONDS
        if due:
            self._stage, self._told = stage, now
        return due


def placed_lines(event: Placed) -> list[str]:
    """What the user should know before training: photos without a place, and doubts."""
    missing = [verdict for verdict in event.reconstruction.verdicts if not verdict.placed]
    lines = [f"Not placed: {verdict.name}. {verdict.words}" for verdict in missing[:NAMED_AT_MOST]]
    if len(missing) > NAMED_AT_MOST:
        lines.append(f"Not placed: {len(missing) - NAMED_AT_MOST} more; metrics.json names them.")
    lines += [f"Warning: {words}" for words in event.reconstruction.warnings]
    unplaced = event.split.not_placed
    if unplaced:
        lines.append(f"Without a place, so not in the test: {', '.join(unplaced)}.")
    return lines


def _training(step: Step) -> str:
    psnr = "" if math.isnan(step.psnr) else f", PSNR {step.psnr:.1f} dB"
    return f"loss {step.loss:.4f}{psnr}, {step.gaussians} Gaussians"
