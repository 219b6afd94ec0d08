"""Which regularisers act on a training run, and when."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from core.dense.depth import DepthMap
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.render.render import Render
from core.train.regularize import depth_loss, fade, roughness, shorten, sized, thinned
from core.train.schedule import TrainConfig

SHORTEN_EVERY = 10  # iterations


class Restraints:
    """All that a run's config asks for beside meeting the photos."""

    def __init__(
        self,
        config: TrainConfig,
        views: Sequence[View],
        depths: Sequence[DepthMap],
        generator: torch.Generator,
    ) -> None:
        """`depths`: one map a view, or none at all."""
        self._config, self._depths, self._generator = config, depths, generator
        self._centres = torch.stack([view.centre() for view in views])

    def drawn(self, scene: Gaussians, spent: float) -> Gaussians:
        """What of `scene` is drawn this time: with dropout, less and less of it."""
        if self._config.dropout <= 0:
            return scene
        return thinned(scene, self._config.dropout * spent, self._generator)

    def ground(self) -> Tensor:
        """The colour [3] behind everything: with a new one each time, no hole pays."""
        if not self._config.random_ground:
            return torch.zeros(3)
        return torch.rand(3, generator=self._generator)

    def loss(self, render: Render, photo: Tensor, index: int) -> Tensor:
        """What is added to the loss of photo `index`, a scalar."""
        config = self._config
        total = render.alpha.new_zeros(())
        if not self._depths:
            return total
        if config.depth_weight > 0 or config.smooth_weight > 0:
            depth, confidence = sized(self._depths[index], render.alpha)
            total = total + config.depth_weight * depth_loss(render, depth, confidence)
            free = (depth <= 0).to(confidence)
            total = total + config.smooth_weight * roughness(render, photo, free)
        return total

    def after(self, columns: Mapping[str, Tensor], iteration: int) -> None:
        """Act on the columns once the optimiser has moved them."""
        if self._config.opacity_decay > 0:
            fade(columns["logit_opacity"], self._config.opacity_decay)
        if self._config.reach > 0 and iteration % SHORTEN_EVERY == 0:
            centres = self._centres.to(columns["means"])
            shorten(columns["log_scales"], columns["means"], centres, self._config.reach)
