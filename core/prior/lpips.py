"""LPIPS, the perceptual distance of Zhang et al. (CVPR 2018), on weights from files."""

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from torch.nn.functional import conv2d, interpolate, max_pool2d, normalize, relu

from core.errors import Unavailable, UserError

# VGG-16's convolutions by their numbers in torchvision's state dict; a tap after each group.
GROUPS = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)  # of pictures in [-1, 1]
SMALLEST = 2 ** (len(GROUPS) - 1)  # pixels on the shorter side
HINT = "Put VGG-16's weights (vgg16-397923af.pth) and LPIPS's own (vgg.pth) into that folder."


class Lpips:
    """A `Perceptual`: squared distances of VGG-16's unit features, weighed by channel."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        """`weights` as `load_lpips` checks them."""
        self._weights = dict(weights)

    def __call__(self, first: Tensor, second: Tensor, weight: Tensor) -> Tensor:
        """See `Perceptual`; both sides of the pictures at least `SMALLEST` pixels."""
        total = first.new_zeros(())
        for k, (one, other) in enumerate(
            zip(self._features(first), self._features(second), strict=True)
        ):
            channels = self._at(f"lin{k}.model.1.weight", first)
            distance = conv2d((one - other) ** 2, channels)
            counted = interpolate(weight[None, None], distance.shape[2:], mode="area")
            total = total + (counted * distance).mean()
        return total

    def _features(self, picture: Tensor) -> list[Tensor]:
        """Unit features [1, C, h, w] of `picture` [H, W, 3] after each group."""
        shift, scale = picture.new_tensor(SHIFT), picture.new_tensor(SCALE)
        x = ((2 * picture - 1 - shift) / scale).permute(2, 0, 1)[None]
        found = []
        for k, group in enumerate(GROUPS):
            x = x if k == 0 else max_pool2d(x, 2)
            for number in group:
                kernel, bias = (
                    self._at(f"features.{number}.{name}", picture) for name in ("weight", "bias")
                )
                x = relu(conv2d(x, kernel, bias, padding=1))
            found.append(normalize(x, dim=1, eps=1e-10))
        return found

    def _at(self, name: str, like: Tensor) -> Tensor:
        """A weight where the pictures are."""
        self._weights[name] = self._weights[name].to(like)
        return self._weights[name]


def load_lpips(folder: Path) -> Lpips:
    """LPIPS from the .pth and .safetensors files in `folder`: VGG-16 as torchvision names it.

    Raises `Unavailable` where there are none, `UserError` where they are something else.
    """
    files = sorted(p for p in folder.glob("*") if p.suffix in (".pth", ".safetensors"))
    if not files:
        raise Unavailable(f"There are no weights of LPIPS in {folder}.", hint=HINT)
    weights: dict[str, Tensor] = {}
    for file in files:
        weights |= _read(file)
    channels = 3
    for k, group in enumerate(GROUPS):
        for number in group:
            kernel = weights.get(f"features.{number}.weight")
            bias = weights.get(f"features.{number}.bias")
            fits = kernel is not None and kernel.shape[1:] == (channels, 3, 3)
            if kernel is None or bias is None or not fits or len(bias) != len(kernel):
                raise UserError(
                    f"The weights in {folder} are not VGG-16's: layer {number} is missing or of "
                    "another size.",
                    hint=HINT,
                )
            channels = len(kernel)
        line = weights.get(f"lin{k}.model.1.weight")
        if line is None or line.shape != (1, channels, 1, 1):
            problem = f"LPIPS's own weights for group {k} do not fit those of VGG-16 in {folder}."
            raise UserError(problem, hint=HINT)
    return Lpips(weights)


def _read(file: Path) -> dict[str, Tensor]:
    """The named arrays of `file`."""
    try:
        if file.suffix == ".safetensors":
            found = load_file(file)
        else:
            found = torch.load(file, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, OSError, ValueError, pickle.UnpicklingError, SafetensorError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(x, Tensor) for x in found.values()):
        raise UserError(
            f"{file.name} cannot be read as a file of weights.",
            hint="Download it again: it may have been cut off.",
        )
    return found
