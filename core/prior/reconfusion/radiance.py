"""PixelNeRF: what photos hold along the rays of a camera that took none, drawn for it."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, silu

from core.prior.reconfusion.question import Landing, Question, depths, gathered, landing

FIRST_OPACITY = -2.5  # of all points, as a logit, before anything is learned


@dataclass(frozen=True, eq=False)
class Seen:
    """Of B cameras at h x w rays: `features` [B, C, h, w], `color` [B, 3, h, w] in [0, 1]."""

    features: Tensor
    color: Tensor


class Encoder(nn.Module):
    """A small pyramid: photos [N, 3, H, W] in [0, 1] to features [N, C, ceil(H/2), ceil(W/2)]."""

    def __init__(self, features: int) -> None:
        super().__init__()
        wide = 2 * features
        self.first = nn.Conv2d(3, wide, 3, stride=2, padding=1)
        self.same = nn.Conv2d(wide, wide, 3, padding=1)
        self.lower = nn.Conv2d(wide, wide, 3, stride=2, padding=1)
        self.lowest = nn.Conv2d(wide, wide, 3, padding=1)
        self.last = nn.Conv2d(2 * wide, features, 3, padding=1)

    def forward(self, photos: Tensor) -> Tensor:
        high = silu(self.same(silu(self.first(2 * photos - 1))))
        low = silu(self.lowest(silu(self.lower(high))))
        low = interpolate(low, high.shape[2:], mode="bilinear", align_corners=False)
        answer: Tensor = self.last(torch.cat([high, low], dim=1))
        return answer


class PixelNerf(nn.Module):
    """Yu et al. (CVPR 2021), its points pooled over the photos by mean and variance.

    A point's colour is a mix of those that the photos show there (after IBRNet, Wang et al.,
    CVPR 2021), so that little has to be learned before it shows something.
    """

    def __init__(self, features: int, hidden: int, planes: int) -> None:
        super().__init__()
        self.planes = planes
        self.encoder = Encoder(features)
        each = features + 3
        self.point = nn.Conv2d(3 * each + 2, hidden, 1)
        self.mixed = nn.Conv2d(hidden, hidden + 1, 1)
        # Along the ray, as a surface is where photos agree better than before and behind it.
        self.along = nn.Conv2d(hidden, hidden, (5, 1), padding=(2, 0))
        self.further = nn.Conv2d(hidden, hidden, (5, 1), padding=(2, 0))
        self.density = nn.Conv2d(hidden, 1, 1)
        self.feature = nn.Conv2d(hidden, features, 1)
        nn.init.constant_(self.density.bias, FIRST_OPACITY)  # type: ignore[arg-type]

    def forward(
        self, asked: Question, height: int, width: int, within: Tensor | None = None
    ) -> Seen:
        """What `asked`'s camera sees, at `height` x `width` rays; `within` as for `depths`."""
        at = landing(asked, depths(asked, self.planes, within), height, width)
        photos = asked.photos
        maps = self.encoder(photos.flatten(0, 1)).unflatten(0, photos.shape[:2])
        colors = gathered(photos, at)
        point, color = self._pooled(torch.cat([gathered(maps, at), colors], dim=2), colors, at)
        point = point + silu(self.along(point))
        point = point + silu(self.further(point))
        part = composited(self.density(point))
        features, color = ((part * each).sum(dim=2) for each in (self.feature(point), color))
        b, shape = len(photos), (height, width)
        return Seen(features.reshape(b, -1, *shape), color.reshape(b, 3, *shape))

    def _pooled(self, gathered: Tensor, colors: Tensor, at: Landing) -> tuple[Tensor, Tensor]:
        """Of each point: numbers [B, hidden, D, N], and a colour [B, 3, D, N]."""
        b, v = gathered.shape[:2]
        seen, alike = (each.flatten(3)[:, :, None].to(gathered) for each in (at.seen, at.alike))
        weight = seen / seen.sum(dim=1, keepdim=True).clamp_min(1)
        mean = (weight * gathered).sum(dim=1, keepdim=True)
        variance = (weight * (gathered - mean) ** 2).sum(dim=1, keepdim=True)
        both = torch.cat([mean, variance], dim=2).expand(-1, v, -1, -1, -1)
        told = torch.cat([gathered, both, seen, alike], dim=2)
        known = self.mixed(silu(self.point(told.flatten(0, 1)))).unflatten(0, (b, v))
        logits = known[:, :, :1] - 1e4 * (1 - seen)
        mix = torch.softmax(logits, dim=1)
        color = (mix * colors).sum(dim=1)
        # A point that no photo sees is grey.
        color = color + 0.5 * (seen.amax(dim=1) == 0)
        return (mix * known[:, :, 1:]).sum(dim=1), color


def composited(logits: Tensor) -> Tensor:
    """How much each point counts in its ray's picture, [B, 1, D, N], from its opacity's logit.

    Front to back; the last one hides all that is behind it, so that they add up to 1.
    """
    clear = torch.sigmoid(-logits)
    through = torch.cumprod(clear, dim=2)
    before = torch.cat([torch.ones_like(through[:, :, :1]), through[:, :, :-1]], dim=2)
    part = before - through
    return torch.cat([part[:, :, :-1], before[:, :, -1:]], dim=2)
