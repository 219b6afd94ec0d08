"""How long a piece of work will still take, guessed from how far it got when."""

from dataclasses import dataclass, replace
from statistics import median

WINDOW = 60.0  # seconds looked back over: work slows down as the scene grows
FEWEST_SECONDS = 2.0  # before which nothing is said
FEWEST_SAMPLES = 4
KEPT = 40  # samples


@dataclass(frozen=True)
class Sample:
    """At `time` (seconds of any clock) the part `fraction` of the work was done."""

    time: float
    fraction: float


@dataclass(frozen=True)
class Track:
    """What was seen of one stage; another stage, or going back, begins anew."""

    stage: str = ""
    samples: tuple[Sample, ...] = ()

    def after(self, stage: str, time: float, fraction: float) -> "Track":
        """The track with one sample more."""
        last = self.samples[-1] if self.samples else None
        if stage != self.stage or (
            last is not None and (fraction < last.fraction or time < last.time)
        ):
            return Track(stage, (Sample(time, fraction),))
        recent = [sample for sample in self.samples if time - sample.time <= WINDOW]
        # The newest is replaced while it is closer to the one before than the window asks for.
        if len(recent) > 1 and time - recent[-2].time < WINDOW / KEPT:
            recent.pop()
        return replace(self, samples=(*recent, Sample(time, fraction)))

    def resumed(self) -> "Track":
        """The track after a pause, whose length says nothing about the work."""
        return Track(self.stage)


def seconds_left(track: Track) -> float | None:
    """The time that the stage still needs; None while there is too little to go by.

    The median of the rates between all samples: a hitch here and there, or one
    long breath, moves it little.
    """
    samples = track.samples
    if len(samples) < FEWEST_SAMPLES or samples[-1].time - samples[0].time < FEWEST_SECONDS:
        return None
    rates = [
        (later.fraction - earlier.fraction) / (later.time - earlier.time)
        for i, earlier in enumerate(samples)
        for later in samples[i + 1 :]
        if later.time > earlier.time
    ]
    rate = median(rates)
    if rate <= 0:
        return None
    return max(0.0, 1 - samples[-1].fraction) / rate
