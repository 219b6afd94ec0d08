"""Photometric losses: how far a render is from its photo."""

from typing import Any, NamedTuple

import numba
import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import conv2d

from core.render.cpu.pool import POOL
from core.train.loss_kernels import HALF_WINDOW, SUMS, TAPS, fit


class Fit(NamedTuple):
    """How well a render fits its photo."""

    loss: Tensor  # scalar, differentiable
    squared_error: float  # mean over pixels and channels


def photometric_loss(
    color: Tensor, photo: Tensor, exposure: Tensor, *, ssim_weight: float = 0.2
) -> Fit:
    """(1 - w) L1 + w (1 - SSIM) of the exposed render against the photo.

    `color` [H, W, 3]; `photo` [H, W, 3] uint8; `exposure` [2, 3]: gain and bias by channel
    that turn the scene's colour into this photo's. Kerbl et al. (2023), eq. 7. float32 on
    the CPU runs in fused kernels, anything else in torch; both give the same gradients.
    """
    if color.is_cuda or color.dtype != torch.float32:
        exposed = exposure[0] * color + exposure[1]
        target = photo.to(color) / 255
        l1 = (exposed - target).abs().mean()
        loss = (1 - ssim_weight) * l1 + ssim_weight * (1 - ssim(exposed, target))
        return Fit(loss, float((exposed.detach() - target).pow(2).mean()))
    loss, squared = _Photometric.apply(color, photo, exposure, ssim_weight)  # type: ignore[no-untyped-call]
    return Fit(loss, float(squared))


def ssim(first: Tensor, second: Tensor) -> Tensor:
    """Mean SSIM of two pictures [H, W, 3] in [0, 1] (Wang et al., 2004), a scalar.

    Gaussian window of 11 x 11, sigma 1.5; the pictures count as 0 beyond their border.
    """
    line = torch.exp(-((torch.arange(11).to(first) - 5) ** 2) / (2 * 1.5**2))
    line = line / line.sum()

    def blur(picture: Tensor) -> Tensor:
        across = conv2d(picture, line[None, None, None, :], padding=(0, HALF_WINDOW))
        return conv2d(across, line[None, None, :, None], padding=(HALF_WINDOW, 0))

    a, b = first.permute(2, 0, 1)[:, None], second.permute(2, 0, 1)[:, None]
    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    both = blur(a * b) - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    numerator = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return (numerator / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean()


def psnr(first: Tensor, second: Tensor) -> float:
    """Peak signal-to-noise ratio in dB of two pictures in [0, 1]; infinite if they are equal."""
    return float(-10 * torch.log10(((first - second) ** 2).mean()))


class _Photometric(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, color: Tensor, photo: Tensor, exposure: Tensor, weight: float
    ) -> tuple[Tensor, Tensor]:
        height, width, _ = color.shape
        # Strips of fewer rows would mostly compute their neighbours' rows once more.
        strips = min(numba.get_num_threads(), 1 + height // 32)
        sums = np.zeros((strips, SUMS), np.float32)
        gradient = POOL.lend((height, width, 3), np.float32)
        render, target = color.detach().contiguous().numpy(), photo.numpy()
        correction = np.tile(exposure.detach().numpy(), 8).ravel()
        fit(render, target, correction, np.float32(weight), TAPS, gradient, sums)
        total = sums.sum(axis=0, dtype=np.float64)
        ctx.gradient = torch.from_numpy(gradient)
        ctx.by_exposure = torch.from_numpy(total[3:].reshape(2, 3).astype(np.float32))
        count = 3 * height * width
        loss = (1 - weight) * total[1] / count + weight * (1 - total[0] / count)
        squared = torch.tensor(total[2] / count)
        ctx.mark_non_differentiable(squared)
        return torch.tensor(loss), squared

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        scale = float(gradients[0])
        color = ctx.gradient if scale == 1 else ctx.gradient * scale
        return color, None, ctx.by_exposure * scale, None
