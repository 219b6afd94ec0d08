"""A prior from a folder, before it is used: what its pictures take, and what they are worth."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace

from core.pipeline.events import Remark
from core.pipeline.folds import ITERATIONS, Folds, Small
from core.pipeline.learned import EVERY, questions, taught
from core.pipeline.tried import Tried
from core.prior.allowance import MAKING, picture_work
from core.prior.effort import Effort, effort_of
from core.prior.measured import PARTS, Compared, Measuring, Strides
from core.prior.protocol import Prior
from core.prior.sample_loss import SampleConfig
from core.progress import Progress

LEVEL = 0.7  # of the noise: in training it is anything from little to all
FEWEST = 4  # pictures in a training: with fewer the prior is too slow here
GAUSSIANS = 0.5  # in a scene, for each pixel of a photo, about

UNTRIED = (
    "With fewer than three photos none can be left out to try the prior on: it is used only where "
    "no photo shows anything."
)


@dataclass(frozen=True, eq=False)
class Trial:
    """What came of it: the `prior` as it is to be used, or None, and how much it may do."""

    prior: Prior | None
    config: SampleConfig
    tried: Tried


def try_loaded(
    prior: Prior,
    small: Small,
    folds: Folds,
    config: SampleConfig,
    device: str,
    stop: Callable[[], bool],
) -> Generator[Progress | Remark, None, Trial | None]:
    """Whether `prior` is used, after a few of its pictures and small scenes; None once `stop()`.

    What a picture takes is told first. Nothing is tried where too few could be made in training.
    """
    numbers = {flat.name: k for k, flat in enumerate(small.pictures.train)}
    group = [numbers[name] for name in folds.left_out[0]]
    draft = next(questions(small, group, folds.parts[0])).draft
    effort = yield from effort_of(prior, draft, LEVEL, device)
    targets = _affordable(effort, small, config)
    config = replace(config, work=effort.work)
    wanted = min(targets, config.pool.targets + small.iterations // config.pool.every)
    yield Remark(_cost(effort, wanted, targets))
    costs = {"learned": False, "seconds": effort.seconds, "targets": targets}
    if targets < FEWEST:
        return Trial(None, config, Tried({}, {}, {}, {}, **costs))  # type: ignore[arg-type]
    school = Measuring(prior, LEVEL, small.settings.seed)
    found = yield from taught(school, small, folds, _little(config, targets, folds), stop)
    if found is None:
        return None
    tried = replace(
        found.tried,
        raw=_raw(school, found.lessons),
        strides=found.way.parts,
        **costs,  # type: ignore[arg-type]
    )
    yield Remark(tried.words())
    return Trial(found.prior, config, tried)


def _affordable(effort: Effort, small: Small, config: SampleConfig) -> int:
    """How many targets there may be in training."""
    earned = small.iterations * picture_work(small.pixels, round(GAUSSIANS * small.pixels))
    share = config.share if config.share is not None else float("inf")
    return int(min(MAKING * share * earned / max(effort.work, 1.0), 1e6))


def _little(config: SampleConfig, targets: int, folds: Folds) -> SampleConfig:
    """For the small scenes, all of which together may ask for as many targets as training."""
    each = max(FEWEST, targets // len(folds.parts))
    pool = config.pool
    pool = replace(pool, targets=min(pool.targets, each), every=max(EVERY, ITERATIONS // each))
    return replace(config, work=0.0, share=None, pool=pool)


def _raw(school: Measuring, lessons: Mapping[str, Compared]) -> dict[str, float]:
    whole = Strides((1.0,) * PARTS)
    return {name: school.psnr(each, whole) for name, each in lessons.items()}


def _cost(effort: Effort, wanted: int, targets: int) -> str:
    each = _time(effort.seconds)
    if targets < FEWEST:
        return (
            f"A picture by the prior takes {each} here: too long beside training, so it is not "
            "used. A smaller network or a graphics card helps."
        )
    return (
        f"A picture by the prior takes {each}: {wanted} of them make training "
        f"{_time(wanted * effort.seconds)} longer, if it is used."
    )


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 0.1):.1g} s" if seconds < 1 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
