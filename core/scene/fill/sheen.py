"""How what lies around a hole changes with where it is looked at from, carried into the hole."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.geometry.sh import sh_basis

Floats = NDArray[np.float32]
Pixels = NDArray[np.bool_]

REACH = 0.25  # of the hole's width: over so much its surroundings are taken together
FEWEST = 6.0  # texels of it, at least
RIDGE = 0.01  # how unlike photos' ways have to be (squared, of the basis) to be believed by half


@dataclass(frozen=True, eq=False)
class Look:
    """What a photo shows of a face's texels: `color` [H, W, 3], seen along `way` [H, W, 3], and
    what that is worth [H, W], 0 where it shows something else."""

    color: Floats
    way: Floats
    worth: Floats


def sheen(looks: Sequence[Look], color: Floats, wanted: Pixels) -> tuple[Floats, Floats]:
    """[P, 3, 3] the coefficients of spherical harmonics of degree 1 at the `wanted` texels [H, W],
    by basis and colour; and [P, 3] what they make of the colours there, which is in them already.

    Least squares with a ridge: how `looks` differ from `color` [H, W, 3], their mean, as their ways
    differ from the mean way, taken together over what is near.
    """
    shape = color.shape[:2]
    bases = [_basis(look.way) for look in looks]
    worth = np.maximum(sum(look.worth for look in looks), 1e-12)[..., None]
    mean = sum(b * look.worth[..., None] for b, look in zip(bases, looks, strict=True)) / worth
    products, count = np.zeros((*shape, 3, 6), np.float32), np.zeros(shape, np.float32)
    for basis, look in zip(bases, looks, strict=True):
        there = (look.worth > 0).astype(np.float32)
        off = (basis - mean) * there[..., None]
        both = np.concatenate([basis - mean, look.color - color], axis=2)
        products += off[..., :, None] * both[..., None, :]
        count += there
    known = count > 0
    wide = max(FEWEST, REACH * float(np.sqrt(wanted.sum())))

    def near(values: NDArray[np.floating]) -> Floats:
        blurred = cv2.GaussianBlur(np.ascontiguousarray(values, np.float32), (0, 0), wide)
        return np.asarray(blurred, np.float32)[wanted]

    weight = np.maximum(near(known.astype(np.float32)), 1e-9)
    amount = np.maximum(near(count), 1e-9)[:, None, None]
    flat = products.reshape(*shape, 18)
    sums = np.stack([near(flat[..., k]) for k in range(18)], axis=-1).reshape(-1, 3, 6) / amount
    found = np.linalg.solve(sums[..., :3] + RIDGE * np.eye(3), sums[..., 3:])
    way = np.stack([near(mean[..., k] * known) for k in range(3)], axis=-1) / weight[:, None]
    return found.astype(np.float32), np.einsum("pb,pbc->pc", way, found).astype(np.float32)


def _basis(way: Floats) -> Floats:
    """[H, W, 3]: the basis of degree 1 along unit `way` [H, W, 3]."""
    return np.asarray(sh_basis(torch.from_numpy(way), 1)[..., 1:].numpy())
