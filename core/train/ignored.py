"""Pixels that are left out of the loss: people who walked through, reflections."""

import cv2
import numpy as np
import torch
from torch import Tensor


def without_ignored(color: Tensor, photo: Tensor, ignored: Tensor, exposure: Tensor) -> Tensor:
    """`color` [H, W, 3], but where `ignored` [h, w] what fits `photo` [H, W, 3] uint8 exactly.

    So those pixels add nothing to the loss and no gradient reaches the Gaussians from them.
    `exposure` [2, 3]: as in `photometric_loss`. `ignored` may be of another size: a pixel that
    holds any of it is left out.
    """
    gone = at_size(ignored, photo.shape[0], photo.shape[1]).to(color.device)
    gain, bias = exposure.detach()
    fitting = (photo.to(color) / 255 - bias) / gain
    return torch.where(gone[..., None], fitting, color)


def at_size(ignored: Tensor, height: int, width: int) -> Tensor:
    """`ignored` [h, w] bool for a picture of another size: every pixel that holds any of it."""
    if ignored.shape == (height, width):
        return ignored.cpu()
    mask = ignored.cpu().numpy().astype(np.float32)
    mask = np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA))
    return torch.from_numpy(mask > 0)
