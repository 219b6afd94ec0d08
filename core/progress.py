"""What long work says about itself while it runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One step of a long task: `done` of `total` units of `stage`.

    `stage` is a few words for the screen ("Matching photos"); `note` is the
    newest detail ("photo 3 of 50"). `total` is 0 where the end is not known.
    """

    stage: str
    done: float
    total: float
    note: str = ""
