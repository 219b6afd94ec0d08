"""Where the camera goes from which a scene of few photos grows, and by whom it is painted."""

from dataclasses import dataclass
from enum import Enum

STEPS = 4


class Path(Enum):
    """Where the camera goes, beginning at the photo's."""

    LOOK_AROUND = "look around"
    TURN_AROUND = "turn around"
    STEP_IN = "step in"


@dataclass(frozen=True)
class Growth:
    """How to grow: along `path`, in pictures painted by the network in `prior` and put in place by
    the one in `depth`, folders or hub names, or "" for the room's own faces. `fill`: a file with a
    network that paints these.

    Another `seed`, other pictures.
    """

    path: Path
    seed: int = 0
    prior: str = ""
    depth: str = ""
    fill: str = ""


def path_told(words: str) -> tuple[Path, int]:
    """The path and number of steps in words such as "look-around:6"; 4 where no number is told.

    Raises ValueError for other words.
    """
    name, _, number = words.partition(":")
    steps = int(number) if number else STEPS
    if steps < 1:
        raise ValueError(f"{steps} steps lead nowhere")
    return Path(name.replace("-", " ")), steps
