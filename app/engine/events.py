"""What an engine tells whoever polls it."""

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.train.steps import Step


class EngineState(Enum):
    """What an engine is about."""

    STARTING = auto()  # a job may be given already; it waits
    READY = auto()
    RUNNING = auto()
    PAUSED = auto()
    STOPPING = auto()
    DEAD = auto()  # its process could not be started several times in a row
    CLOSED = auto()


@dataclass(frozen=True)
class StateChanged:
    """`words` say what it is doing while STARTING ("Loading PyTorch"); else they are empty."""

    state: EngineState
    words: str = ""


@dataclass(frozen=True, eq=False)
class News:
    """A value that the job yielded."""

    job: int
    value: object


@dataclass(frozen=True, eq=False)
class Arrived:
    """Gaussians that the job yielded, in memory of this process. Of several that wait, only the
    newest is told. `exposures` [P, 2, 3]; both it and `step` come with training only."""

    job: int
    splats: SplatArrays
    step: Step | None = None
    exposures: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Done:
    """The job has ended, by itself or because it was `stopped`."""

    job: int
    stopped: bool = False


@dataclass(frozen=True)
class Failed:
    """The job has ended otherwise; with `died`, its process as well, which starts again by itself.

    `problem` and `hint` are for the user, `log` (perhaps empty) for a report. Job 0 is the start
    of the process itself, which is not tried again.
    """

    job: int
    problem: str
    hint: str
    log: str
    died: bool


EngineEvent = StateChanged | News | Arrived | Done | Failed


@dataclass(frozen=True, eq=False)
class Trained:
    """A snapshot of training on its way from the child."""

    splats: SplatArrays
    step: Step
    exposures: NDArray[np.float32]
