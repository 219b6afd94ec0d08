"""One picture in the making, in slices short enough for a window to stay alive between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

SAFETY = 0.8  # of the time left that a slice is planned to take: the next may be dearer
UNKNOWN = 1e-5  # seconds an item, until some have been drawn


@dataclass(frozen=True, eq=False)
class Work:
    """`count` items, drawn by `draw(first, number)`; slices begin at multiples of `step`."""

    kind: str
    count: int
    step: int
    draw: Callable[[int, int], None]


class Drawing:
    """Draws its works in order.

    `pace` remembers from drawing to drawing how many seconds an item of each kind takes.
    `finish` waits until the graphics card has drawn all, `done` is called at the end.
    """

    def __init__(
        self,
        works: Sequence[Work],
        pace: dict[str, float],
        finish: Callable[[], None],
        done: Callable[[], None],
    ) -> None:
        self._works = list(works)
        self._pace = pace
        self._finish = finish
        self._done = done
        self._next = 0
        self.finished = False
        self.seconds = 0.0  # that it took so far

    def advance(self, seconds: float) -> bool:
        """Draw on for about `seconds`, at least a little; whether the picture is finished."""
        begun = perf_counter()
        first = True
        while self._works:
            left = seconds - (perf_counter() - begun)
            number = self._affordable(self._works[0], left, first)
            if not number:
                break
            self._slice(self._works[0], number)
            first = False
        if not self._works and not self.finished:
            self.finished = True
            self._done()
        self.seconds += perf_counter() - begun
        return self.finished

    def give_up(self) -> None:
        """Draw nothing more."""
        self._works.clear()
        self.finished = True

    def _affordable(self, work: Work, seconds: float, at_least_one: bool) -> int:
        """How many items to draw in `seconds`; 0 if not even a step of them fits."""
        steps = SAFETY * seconds / (self._pace.get(work.kind, UNKNOWN) * work.step)
        if steps < 1 and not at_least_one:
            return 0
        return min(max(int(steps), 1) * work.step, work.count - self._next)

    def _slice(self, work: Work, number: int) -> None:
        begun = perf_counter()
        work.draw(self._next, number)
        self._finish()
        took = perf_counter() - begun
        if number >= work.step or work.kind not in self._pace:
            self._pace[work.kind] = took / number
        self._next += number
        if self._next >= work.count:
            self._works.pop(0)
            self._next = 0
