"""From label images to labels of Gaussians and back: votes in closed form.

A pixel's label is a vote for every Gaussian that it shows, as heavy as the Gaussian's part of the
pixel. No training, no threshold: run again whenever a mask changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numba
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.render.rasterize import rasterize
from core.segment.labels import BACKGROUND, IGNORE, UNLABELLED

SILENT = (UNLABELLED, IGNORE)  # labels that say nothing of the Gaussians behind them
ABSENT = -1  # where a pixel votes for none of the labels asked for

LabelImage = NDArray[np.integer]  # [H, W] ids of objects


@dataclass(frozen=True, eq=False)
class Votes:
    """`weights` [N, K]: how many pixels' worth of each Gaussian had each of the labels `ids`."""

    ids: tuple[int, ...]
    weights: Tensor

    @property
    def shares(self) -> Tensor:
        """[N, K] in [0, 1], summing to one in every row that was seen, to zero in others."""
        return self.weights / self.seen.clamp_min(torch.finfo(self.weights.dtype).tiny)[:, None]

    @property
    def seen(self) -> Tensor:
        """[N] pixels' worth of each Gaussian that had a label."""
        return self.weights.sum(dim=1)

    def object_ids(self) -> Tensor:
        """[N] int64: the label with most votes; the background where there are none."""
        ids = torch.tensor(self.ids, dtype=torch.int64, device=self.weights.device)
        return torch.where(self.seen > 0, ids[self.weights.argmax(dim=1)], BACKGROUND)


def labels_in(images: Sequence[LabelImage]) -> tuple[int, ...]:
    """The ids that `images` hold, but for those that say nothing; the background always."""
    found = {BACKGROUND}.union(*(np.unique(image).tolist() for image in images))
    return tuple(sorted(found - set(SILENT)))


def lift(
    gaussians: Gaussians,
    views: Sequence[View],
    images: Sequence[LabelImage],
    trust: Sequence[float] = (),
) -> Votes:
    """The votes of all label `images` [H, W], each seen from its view of the same size.

    `trust`: what each image's votes count, 1 unless told. As much work as a picture an image.
    """
    ids = labels_in(images)
    total = torch.zeros(len(gaussians), len(ids), device=gaussians.means.device)
    for i, (view, image) in enumerate(zip(views, images, strict=True)):
        total += (trust[i] if trust else 1.0) * votes_of(gaussians, view, image, ids)
    return Votes(ids, total)


def votes_of(gaussians: Gaussians, view: View, image: LabelImage, ids: Sequence[int]) -> Tensor:
    """[N, K]: blending weights summed over the pixels of `image` that have each of `ids`."""
    size = (view.camera.height, view.camera.width)
    if image.shape != size:
        raise ValueError(f"labels of {image.shape} for a view of {size}")
    numbers = _numbers(image, ids)
    plain = replace(gaussians.map(Tensor.detach), sh=gaussians.sh[:, :1].detach())
    on_cpu = not plain.means.is_cuda and plain.means.dtype == torch.float32
    return (_counted if on_cpu else _by_gradient)(plain, view, numbers, len(ids))


def labels_seen(gaussians: Gaussians, view: View, shares: Tensor) -> NDArray[np.float32]:
    """[H, W, K]: how much of each pixel is of each label, by `shares` [N, K] of the Gaussians."""
    plain = replace(gaussians.map(Tensor.detach), sh=gaussians.sh[:, :1].detach())
    with torch.no_grad():
        seen = rasterize(plain, view, features=shares.to(plain.means)).features
    assert seen is not None
    return np.asarray(seen.cpu().numpy(), np.float32)


def rendered_labels(gaussians: Gaussians, view: View, votes: Votes) -> NDArray[np.uint16]:
    """[H, W]: the label that most of each pixel has; UNLABELLED where no Gaussian has one."""
    seen = labels_seen(gaussians, view, votes.shares)
    best = np.asarray(votes.ids, np.uint16)[seen.argmax(axis=2)]
    return np.where(seen.max(axis=2) > 0, best, np.uint16(UNLABELLED))


def _numbers(image: LabelImage, ids: Sequence[int]) -> NDArray[np.int32]:
    """[H, W]: where in `ids` each pixel's label is, ABSENT where it is not."""
    table = np.full(UNLABELLED + 1, ABSENT, np.int32)
    table[list(ids)] = np.arange(len(ids))
    return np.ascontiguousarray(table[image])


def _counted(gaussians: Gaussians, view: View, numbers: NDArray[np.int32], count: int) -> Tensor:
    from core.render.cpu.frame import Frame, equal_shares
    from core.render.cpu.votes import label_weights

    names = ("means", "quats", "log_scales", "logit_opacity", "sh")
    frame = Frame(tuple(getattr(gaussians, name) for name in names), view, 0)
    workers = numba.get_num_threads()
    votes = np.zeros((workers, len(gaussians), count), np.float32)
    shares = equal_shares(np.diff(frame.starts), workers)
    label_weights(frame.records, frame.entries, frame.starts, shares, frame.size, numbers, votes)
    return torch.from_numpy(votes.sum(axis=0))


def _by_gradient(
    gaussians: Gaussians, view: View, numbers: NDArray[np.int32], count: int
) -> Tensor:
    """As `_counted`: the weights are what a splatted feature's gradient is made of."""
    features = gaussians.means.new_zeros(len(gaussians), count).requires_grad_()
    seen = rasterize(gaussians, view, features=features).features
    assert seen is not None
    chosen = torch.from_numpy(numbers).long().to(seen.device)
    wanted = torch.nn.functional.one_hot(chosen.clamp_min(0), count) * (chosen >= 0)[..., None]
    (seen * wanted).sum().backward()  # type: ignore[no-untyped-call]
    assert features.grad is not None
    return features.grad
