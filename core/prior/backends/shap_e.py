"""Shap-E (Jun and Nichol, 2023): an object's picture to a mesh with colours, through diffusers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from core.errors import UserError
from core.mesh.painted import Painted
from core.pictured.protocol import UNTIL, Body, Maker
from core.prior.backends.load import place_for
from core.prior.backends.pipelines import Wanted, failures_told, load_pipeline, stepped
from core.progress import Progress

KIND = "ShapEImg2ImgPipeline"
SHAP_E = Wanted((KIND,), "a maker of objects", UNTIL)
STEPS, GUIDANCE = 64, 3.0  # as published
GRID = 128  # cells along each side of the field that the surface is found in
WORK = "Making its body"


def load_shap_e(place: str, *, device: str = "cpu", half: bool | None = None) -> Maker:
    """That at `place`, a folder in diffusers' layout or a hub name of one on this machine.

    Raises `Unavailable` and `UserError` as `load_pipeline` does.
    """
    where = place_for(device, half, False)
    return ShapE(load_pipeline(place, SHAP_E, where)[1], where.device)


@dataclass(frozen=True, eq=False)
class ShapE:
    """A `Maker`."""

    pipeline: Any
    device: torch.device
    grid: int = GRID
    steps: int = STEPS

    def make(self, picture: NDArray[np.uint8], seed: int) -> Iterator[Progress | Body]:
        """See `Maker`."""
        asked = {
            "image": Image.fromarray(on_white(picture)),
            "guidance_scale": GUIDANCE,
            "generator": torch.Generator(self.device).manual_seed(seed),
            "output_type": "latent",
        }
        for step in stepped(self.pipeline, self.steps, WORK, asked):
            if isinstance(step, Progress):
                yield step
            else:
                yield Body(parts=(self._decoded(step.images[0]),))

    def _decoded(self, latent: Any) -> Painted:
        renderer = self.pipeline.shap_e_renderer
        with torch.no_grad(), failures_told():
            try:
                mesh = renderer.decode_to_mesh(latent[None], self.device, grid_size=self.grid)
            except (ValueError, ZeroDivisionError) as error:  # it wants at least one corner
                raise nothing_made() from error
        places = mesh.verts.double().cpu().numpy()
        if len(mesh.faces) == 0 or not np.isfinite(places).all():
            raise nothing_made()
        channels = [mesh.vertex_channels[name].float().cpu().numpy() for name in "RGB"]
        colors = _srgb(np.clip(np.stack(channels, axis=1), 0, 1))
        faces = mesh.faces.long().cpu().numpy()
        # Its z is up, and its triangles are seen from outside either way round.
        upright = places[:, [0, 2, 1]] * [1.0, 1.0, -1.0]
        return Painted(upright[faces], colors[faces].astype(np.float32))


def on_white(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`picture` [S, S, 4] laid on white, [S, S, 3]."""
    alpha = picture[..., 3:].astype(np.float32) / 255
    laid = picture[..., :3] * alpha + 255 * (1 - alpha)
    return np.asarray(cv2.convertScaleAbs(laid), np.uint8)


def nothing_made() -> UserError:
    """What is said where a network's body has no surface."""
    return UserError(
        "The network made nothing of the object's picture.",
        hint="Try again with another seed, or mark more of the object.",
    )


def _srgb(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of linear light in [0, 1]; its decoder gives that for triangles."""
    high = 1.055 * np.power(np.maximum(linear, 1e-8), 1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, high).astype(np.float32)
