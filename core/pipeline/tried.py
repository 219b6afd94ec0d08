"""What photos left out say of a prior, and whether it is used."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean, stdev

LEAST = 0.1  # dB that photos left out must gain on average

Decibels = Mapping[str, float]


@dataclass(frozen=True)
class Tried:
    """By photo left out, the PSNR in dB with which small scenes of the others show it.

    `after` is with the prior, where it was tried; `drafts` and `pictures`: of the pictures that
    the prior is given, and of what is made of them, by what other photos left out say of it.
    `learned`: the prior was learned from the photos; others come from a folder. `strides`: how far
    its pictures are followed, by how well pixels are known; `seconds` and `targets` are what one
    picture takes and how many there can be, and None where all it asks for is little.
    """

    before: Decibels
    drafts: Decibels
    pictures: Decibels
    after: Decibels
    learned: bool = True
    raw: Decibels = field(default_factory=dict)  # the prior's own pictures
    strides: tuple[float, ...] = ()
    seconds: float | None = None
    targets: int | None = None

    @property
    def promising(self) -> bool:
        """Whether its pictures are better than those it is given."""
        return gain(self.drafts, self.pictures) >= LEAST

    @property
    def used(self) -> bool:
        """Whether scenes are better with it, and not only by chance."""
        return gain(self.before, self.after) >= LEAST and _surely(self.before, self.after) > 0

    def words(self) -> str:
        """A sentence for the user."""
        found = gain(*((self.before, self.after) if self.after else (self.drafts, self.pictures)))
        what = "what was learned from the photos" if self.learned else "the prior"
        if self.used:
            return f"With {what}, those left out are shown {found:.1f} dB better, so it is used."
        if self.learned:
            return (
                "What can be learned from these photos shows those left out no better "
                f"({found:+.2f} dB), so it is not used."
            )
        return f"The prior shows photos left out no better ({found:+.2f} dB), so it is not used."

    def as_json(self) -> dict[str, object]:
        told = {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in vars(self).items()
        }
        return {**told, "used": self.used}


def gain(before: Decibels, after: Decibels) -> float:
    """In dB, the mean over photos; minus infinity for none."""
    gains = _gains(before, after)
    return fmean(gains) if gains else -math.inf


def _surely(before: Decibels, after: Decibels) -> float:
    """The mean gain less its standard error."""
    gains = _gains(before, after)
    if len(gains) < 2:
        return -math.inf
    return fmean(gains) - stdev(gains) / math.sqrt(len(gains))


def _gains(before: Decibels, after: Decibels) -> list[float]:
    return [after[name] - before[name] for name in after if name in before]
