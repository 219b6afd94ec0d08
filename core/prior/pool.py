"""The pictures that a prior imagined of a scene in training, made anew one by one."""

import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from statistics import fmean

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from core.dense.cameras import fitted
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.prior.cameras import nearest, path_of, place_between, place_on
from core.prior.choice import CANDIDATES, Photographed, open_place
from core.prior.drafts import draft_of
from core.prior.protocol import Prior
from core.prior.reliability import reliability
from core.prior.visibility import Sight, sight
from core.train.ignored import at_size

LEAST = 0.01  # of a target must be reliable on average for it to be kept
# Steps for which what the photos saw holds: while the pool fills, looking at it anew for each
# target took most of the time, and rows hardly move meanwhile.
HOLDS = 25

# The pixels [h, w] bool of a photo by its number that do not count, None for none.
Ignored = Callable[[int], Tensor | None]


def all_count(_: int) -> None:
    """No pixel of any photo is ignored."""


@dataclass(frozen=True)
class PoolConfig:
    """How targets are made."""

    targets: int = 24
    every: int = 50  # steps of training until the oldest is replaced
    longest: int = 256  # pixels on the longer side
    photos: int = 3  # that the prior is shown, the nearest ones
    level: float = 1.0  # most of the noise
    level_end: float = 0.0  # its least at the end; it falls evenly from `level`
    between: bool = False  # photos alone: nowhere beside them
    candidates: int = CANDIDATES  # places that one is chosen from


@dataclass(frozen=True, eq=False)
class Held:
    """A target in use: `color` [H, W, 3], and how far each pixel is relied on, [H, W] in [0, 1].

    `seen` [H, W] in [0, 1]: how much of it the photos saw.
    """

    view: View
    color: Tensor
    weight: Tensor
    seen: Tensor


@dataclass(frozen=True, eq=False)
class Made:
    """What came of the last target: the draft [H, W, 3] that it was made of, and its seconds."""

    draft: Tensor
    target: Held
    used: bool
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class _Known:
    """What photos saw of a scene, told by its column of objects, at a step of the pool."""

    rows: Tensor
    step: int
    photographed: Photographed
    ignored: tuple[Tensor | None, ...]


class Pool:
    """Targets for one training run."""

    def __init__(
        self,
        prior: Prior,
        views: Sequence[View],
        photos: Sequence[Tensor],
        config: PoolConfig,
        seed: int,
        ignored: Ignored = all_count,
    ) -> None:
        self._prior, self._config, self._ignored = prior, config, ignored
        self._views = [view.resized(*fitted(view.camera, config.longest)) for view in views]
        self._photos = [
            _reduced(photo, view) for photo, view in zip(photos, self._views, strict=True)
        ]
        self._generator = torch.Generator().manual_seed(seed)
        self._held: deque[Held] = deque(maxlen=config.targets)
        self._making: Generator[None, None, Made | None] | None = None
        self._known: _Known | None = None
        self._steps = 0
        self._waited = 0  # steps since the last target was begun
        self._kept = True  # that one, or none was made yet
        self._seconds = 0.0  # that the target in the making has taken
        self.made: Made | None = None  # the last one, used or not

    def held(self) -> tuple[Held, ...]:
        """The targets in use, the oldest first."""
        return tuple(self._held)

    @property
    def making(self) -> bool:
        """Whether a target has been begun."""
        return self._making is not None

    def pixels(self) -> float:
        """Of a target."""
        return fmean(view.camera.width * view.camera.height for view in self._views)

    def due(self) -> bool:
        """Whether `work` would do something."""
        filling = self._kept and len(self._held) < self._config.targets
        return self._making is not None or filling or self._waited + 1 >= self._config.every

    def work(self, scene: Gaussians, spent: float) -> None:
        """One step of the target in the making, or the beginning of the next if that is due.

        Until the pool is full, one target follows the other; then, or after one that could not
        be used, one is due every so many steps of training (iterative dataset update: Haque et
        al., "Instruct-NeRF2NeRF", 2023).
        """
        due = self.due()
        self._waited += 1
        self._steps += 1
        if not due:
            return
        began = time.monotonic()
        if self._making is None:
            self._making, self._waited, self._seconds = self._new(scene, spent), 0, 0.0
        done, made = False, None
        try:
            next(self._making)
        except StopIteration as end:
            done, made = True, end.value
        self._seconds += time.monotonic() - began
        if done:
            self._making, self._kept = None, made is not None and made.used
            if made is not None:
                self.made = Made(made.draft, made.target, made.used, self._seconds)
                self._held.extend([made.target] if made.used else [])

    def wait(self) -> None:
        """A step of training at which there is no time for `work`."""
        self._waited += 1
        self._steps += 1

    def sights(self, scene: Gaussians) -> int:
        """How many photos have to be looked at anew for the next target of `scene`."""
        known = self._known
        old = known is None or known.rows is not scene.object_id
        stale = old or (known is not None and self._steps - known.step >= HOLDS)
        return len(self._views) if stale else 0

    def _new(self, scene: Gaussians, spent: float) -> Generator[None, None, Made | None]:
        """A target, or None where there is no place to look from."""
        known = self._look(scene)
        scene = scene.map(Tensor.detach)
        photographed, sight_ = known.photographed, known.photographed.sight
        place = place_between if self._config.between else place_on
        count = self._config.candidates
        view = open_place(scene, photographed, self._generator, place, count)
        least = self._config.level + (self._config.level_end - self._config.level) * spent
        share = float(torch.rand(1, generator=self._generator))
        level = least + (self._config.level - least) * share
        seed = int(torch.randint(2**31, (1,), generator=self._generator))
        yield
        if view is None or level <= 0:
            return None
        near = nearest(view, self._views, photographed.path.depth, self._config.photos)
        seen = Sight(sight_.visible, tuple(sight_.depths[k] for k in near))
        views, photos = [self._views[k] for k in near], [self._photos[k] for k in near]
        draft = draft_of(scene, seen, view, views, photos, [known.ignored[k] for k in near])
        steps = self._prior.refine(draft, level, seed)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                target = end.value
                break
            yield
        color = target.color.to(draft.color).clamp(0, 1)
        relied = reliability(color, draft, seen.depths)
        weight = relied * target.confidence.to(relied).clamp(0, 1)
        held = Held(view, color, weight, draft.visibility)
        return Made(draft.color, held, float(weight.mean()) > LEAST)

    def _look(self, scene: Gaussians) -> _Known:
        """What the photos saw, looked at anew now and then and where rows have come or gone."""
        if self._known is None or self.sights(scene):
            ignored = tuple(self._gone(k) for k in range(len(self._views)))
            seen = sight(scene.map(Tensor.detach), self._views, ignored)
            path = path_of(self._views, [_median(depth) for depth in seen.depths])
            photographed = Photographed(self._views, path, seen)
            self._known = _Known(scene.object_id, self._steps, photographed, ignored)
        return self._known

    def _gone(self, number: int) -> Tensor | None:
        """The pixels of a photo that do not count, at the size of the targets; None for none."""
        gone, camera = self._ignored(number), self._views[number].camera
        if gone is None or not gone.any():
            return None
        return at_size(gone, camera.height, camera.width)


def _reduced(photo: Tensor, view: View) -> Tensor:
    """`photo` uint8 [H, W, 3] at the size of `view`, in [0, 1]."""
    picture = photo.permute(2, 0, 1)[None].float() / 255
    size = (view.camera.height, view.camera.width)
    if picture.shape[2:] != size:
        picture = interpolate(picture, size, mode="area")
    return picture[0].permute(1, 2, 0)


def _median(depth: Tensor) -> float:
    """Of what is known of `depth`; 1 where nothing is."""
    known = depth[depth > 0]
    return float(known.median()) if len(known) else 1.0
