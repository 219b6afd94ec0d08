"""How fine the next picture is drawn, chosen from how long the last ones took. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quality:
    """The picture is 1 / `scale` as wide and high as wanted; every `thin`-th splat is drawn."""

    scale: int = 1
    thin: int = 1


FULL = Quality()
# From fine to coarse, with the time each takes as a share of the first's: measured on a
# software renderer with 100k splats, and only where to begin from. The size goes first: of a
# trained scene half of it keeps 31 dB, half of the splats 25.
LEVELS = (
    (FULL, 1.0),
    (Quality(2, 1), 0.7),
    (Quality(2, 2), 0.43),
    (Quality(3, 4), 0.25),
    (Quality(4, 8), 0.16),
    (Quality(6, 16), 0.10),
    (Quality(8, 32), 0.06),
    (Quality(8, 64), 0.04),
)
QUALITIES = tuple(quality for quality, _ in LEVELS)
BUDGET = 1 / 15  # seconds a picture may take while things move
# A finer picture is tried where it should take this share of the budget ...
ROOM = 0.8
# ... and a coarser one taken when the last ones took this many budgets.
TOO_LONG = 1.1
FIRST_GUESS = 0.25  # seconds at full quality, before anything was measured ...
FIRST = 3  # ... and so the level to begin with
FRESH = 0.5  # weight of the newest time
MEMORY = 60  # pictures after which finer ones are tried again
SHARE = 0.025  # of the time that goes into pictures nobody asked for


@dataclass(frozen=True)
class Pace:
    """What is known: seconds each of QUALITIES takes where it was measured; which was last."""

    seconds: tuple[float | None, ...] = (None,) * len(LEVELS)
    level: int = FIRST
    alike: int = 0  # pictures of this quality in a row


def measured(pace: Pace, quality: Quality, seconds: float) -> Pace:
    """`pace` after a picture of `quality` was drawn in `seconds`.

    Twice the same quality: what changed is the scene or the eye, so the others change alike.
    Another quality than last: only that one is better known.
    """
    if quality not in QUALITIES:
        return pace
    level = QUALITIES.index(quality)
    before = pace.seconds[level]
    if level == pace.level and before is not None:
        if pace.alike >= MEMORY:
            # It may be long ago that a finer one was too slow.
            return Pace((*(None,) * level, *pace.seconds[level:]), level)
        factor = 1 + FRESH * (seconds / max(before, 1e-9) - 1)
        known = tuple(each and each * factor for each in pace.seconds)
        return Pace(known, level, pace.alike + 1)
    return Pace((*pace.seconds[:level], seconds, *pace.seconds[level + 1 :]), level)


def next_quality(pace: Pace, moving: bool) -> Quality:
    """Full when nothing moves, else the finest that keeps the pictures coming."""
    if not moving:
        return FULL
    for level, quality in enumerate(QUALITIES):
        # What is in use is kept until it is clearly too slow, so that it does not waver.
        limit = BUDGET * (TOO_LONG if level == pace.level else ROOM)
        if _expected(pace, level) <= limit:
            return quality
    return QUALITIES[-1]


def _expected(pace: Pace, level: int) -> float:
    """Seconds that a level takes, from its own last time or from that of the one in use."""
    shares = [share for _, share in LEVELS]
    now = pace.seconds[pace.level]
    if now is None:
        return FIRST_GUESS * shares[level]
    last = pace.seconds[level]
    if last is None:
        return now * shares[level] / shares[pace.level]
    # At most: time grows with the pixels and the splats, but no faster.
    used, other = QUALITIES[pace.level], QUALITIES[level]
    work = (used.scale / other.scale) ** 2 * (used.thin / other.thin)
    return min(last, now * max(work, 1.0))


def may_redraw(now: float, last_finished: float, last_cost: float) -> bool:
    """Whether a picture that nobody asked for may be begun: the last one took `last_cost`
    seconds and was finished at `last_finished`; all together take SHARE of the time."""
    return now - last_finished >= last_cost * (1 / SHARE - 1)
