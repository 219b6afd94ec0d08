"""Measuring the held-out photos now and then while training goes on."""

import time
from collections.abc import Callable, Sequence
from statistics import fmean

from core.pipeline.evaluate import Score, picture, score
from core.pipeline.events import Tested
from core.pipeline.prepare import Flat
from core.train.steps import Snapshot

PART = 0.03  # of the time of training that may go into measuring
FIRST = 3.0  # seconds of training before which nothing is measured: what it costs is not known yet


class Watch:
    """Decides when to measure the `photos`, and does it."""

    def __init__(self, photos: Sequence[Flat], stop: Callable[[], bool]) -> None:
        self._photos, self._stop = photos, stop
        self._began = time.monotonic()
        self._spent = 0.0  # seconds
        self._cost = 0.0  # of the last measurement
        self._found: Tested | None = None

    def after(self, snapshot: Snapshot) -> Tested | None:
        """The measure of `snapshot`, where one more keeps within its part of the time."""
        trained = time.monotonic() - self._began - self._spent
        if trained < FIRST or self._spent + self._cost > PART * trained:
            return None
        return self._measured(snapshot, self._stop)

    def last(self, snapshot: Snapshot) -> Tested | None:
        """The measure of `snapshot` whatever it costs, unless it is known already."""
        known = self._found is not None and self._found.iteration == snapshot.step.iteration
        return None if known else self._measured(snapshot, lambda: False)

    def _measured(self, snapshot: Snapshot, stop: Callable[[], bool]) -> Tested | None:
        began = time.monotonic()
        scores: list[Score] = []
        for flat in self._photos:
            if stop():
                return None
            scores.append(score(picture(snapshot.gaussians, flat.view), flat.pixels.numpy()))
        if not scores:
            return None
        self._cost = time.monotonic() - began
        self._spent += self._cost
        psnr, ssim = fmean(each.psnr for each in scores), fmean(each.ssim for each in scores)
        self._found = Tested(snapshot.step.iteration, psnr, ssim)
        return self._found
