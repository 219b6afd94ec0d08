"""The pictures that a prior imagined of a scene in training, made anew one by one."""

from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from core.dense.cameras import fitted
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.prior.cameras import nearest, path_of, place_between, place_on
from core.prior.choice import Photographed, open_place
from core.prior.drafts import draft_of
from core.prior.protocol import Prior
from core.prior.reliability import reliability
from core.prior.visibility import Sight, sight

LEAST = 0.01  # of a target must be reliable on average for it to be kept


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


@dataclass(frozen=True, eq=False)
class Held:
    """A target in use: `color` [H, W, 3], and how far each pixel is relied on, [H, W] in [0, 1].

    `seen` [H, W] in [0, 1]: how much of it the photos saw.
    """

    view: View
    color: Tensor
    weight: Tensor
    seen: Tensor


class Pool:
    """Targets for one training run."""

    def __init__(
        self,
        prior: Prior,
        views: Sequence[View],
        photos: Sequence[Tensor],
        config: PoolConfig,
        seed: int,
    ) -> None:
        self._prior, self._config = prior, config
        self._views = [view.resized(*fitted(view.camera, config.longest)) for view in views]
        self._photos = [
            _reduced(photo, view) for photo, view in zip(photos, self._views, strict=True)
        ]
        self._generator = torch.Generator().manual_seed(seed)
        self._held: deque[Held] = deque(maxlen=config.targets)
        self._making: Generator[None, None, Held | None] | None = None
        self._waited = 0  # steps since the last target was begun
        self._kept = True  # that one, or none was made yet

    def held(self) -> tuple[Held, ...]:
        """The targets in use, the oldest first."""
        return tuple(self._held)

    def work(self, scene: Gaussians, spent: float) -> None:
        """One step of the target in the making, or the beginning of the next if that is due.

        Until the pool is full, one target follows the other; then, or after one that could not
        be used, one is due every so many steps of training (iterative dataset update: Haque et
        al., "Instruct-NeRF2NeRF", 2023).
        """
        self._waited += 1
        filling = self._kept and len(self._held) < self._config.targets
        if self._making is None and (filling or self._waited >= self._config.every):
            self._making, self._waited = self._made(scene, spent), 0
        if self._making is None:
            return
        try:
            next(self._making)
        except StopIteration as end:
            self._making, self._kept = None, end.value is not None
            if end.value is not None:
                self._held.append(end.value)

    def _made(self, scene: Gaussians, spent: float) -> Generator[None, None, Held | None]:
        """A target, or None where there is no place to look from or nothing to rely on."""
        scene = scene.map(Tensor.detach)
        seen = sight(scene, self._views)
        path = path_of(self._views, [_median(depth) for depth in seen.depths])
        photographed = Photographed(self._views, path, seen)
        place = place_between if self._config.between else place_on
        view = open_place(scene, photographed, self._generator, place)
        least = self._config.level + (self._config.level_end - self._config.level) * spent
        share = float(torch.rand(1, generator=self._generator))
        level = least + (self._config.level - least) * share
        seed = int(torch.randint(2**31, (1,), generator=self._generator))
        yield
        if view is None or level <= 0:
            return None
        near = nearest(view, self._views, path.depth, self._config.photos)
        seen = Sight(seen.visible, tuple(seen.depths[k] for k in near))
        views, photos = [self._views[k] for k in near], [self._photos[k] for k in near]
        draft = draft_of(scene, seen, view, views, photos)
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
        return Held(view, color, weight, draft.visibility) if float(weight.mean()) > LEAST else None


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
