"""How much work a prior may take beside the photos', in fixed units: the clock decides nothing."""

# A picture of P pixels and N Gaussians, drawn with its gradient, is P + GAUSSIAN N units.
GAUSSIAN = 1.0
FORWARD = 0.35  # of that, without the gradient
MEETING = 1.4  # times that: a target is compared by its structure too
MAKING = 0.35  # of what is allowed goes into targets, the rest into meeting them


def picture_work(pixels: float, gaussians: int) -> float:
    """Units of a picture drawn with its gradient."""
    return pixels + GAUSSIAN * gaussians


class Allowance:
    """Units earned by training on photos, and those spent on making targets and on meeting them.

    `share`: what may be spent for each unit earned; None for as much as is asked. What is earned
    counts from the first step on, so that what begins late may do more then.
    """

    def __init__(self, share: float | None) -> None:
        self._share = share
        self._earned = self._made = self._met = 0.0

    def earn(self, units: float) -> None:
        """A step of training on a photo."""
        self._earned += units

    def make(self, units: float) -> bool:
        """Whether so much may go into a target now; it is spent then."""
        if self._share is not None and self._made + units > MAKING * self._share * self._earned:
            return False
        self._made += units
        return True

    def meet(self, units: float) -> bool:
        """The same of meeting one."""
        free = (1 - MAKING) * (self._share or 0.0) * self._earned
        if self._share is not None and self._met + units > free:
            return False
        self._met += units
        return True
