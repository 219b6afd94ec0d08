"""Films, pictures with transparency and depth maps of a scene: drawn, written and read back."""

import json
import os
import secrets
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from core.errors import UserError
from core.export.shots import Shots
from core.export.video import film, frames
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.pipeline.evaluate import picture
from core.progress import Progress
from core.project.files import UNFINISHED, check_room, new_folder, told
from core.render.rasterize import rasterize

Pixels = NDArray[np.uint8]

DRAWING, CHECKING = "Drawing", "Checking the film"
FILM_LIKE = 20.0  # dB by which frames have to agree with what was drawn; a compressed film rounds
FILM_BITS, PNG_BYTES, DEPTH_BYTES, NPY_BYTES = 0.25, 2.5, 1.2, 4.0  # a pixel, about
MOST_STEPS = 65535  # of a depth map of 16 bits
FINEST = 1e-3  # scene units a step: millimetres where a unit is a metre
SEEN = 0.5  # part of a pixel that has to be covered to have a depth


class Kind(Enum):
    """What is written; the value is the suffix of a picture."""

    FILM = ".mp4"
    STILLS = ".png"
    DEPTH_PNG = ".depth.png"
    DEPTH_NPY = ".npy"


@dataclass(frozen=True)
class Taking:
    """What pictures are wanted, and how. `kind` None: the cameras themselves."""

    kind: Kind | None
    shots: Shots


@dataclass(frozen=True)
class Pictured:
    """So many `pictures` are there, in `size` bytes, and were read back."""

    pictures: int
    size: int


def estimated_bytes(kind: Kind, count: int, width: int, height: int) -> int:
    """About how much room so many pictures take."""
    each = {
        Kind.FILM: FILM_BITS / 8, Kind.STILLS: PNG_BYTES, Kind.DEPTH_PNG: DEPTH_BYTES,
        Kind.DEPTH_NPY: NPY_BYTES,
    }  # fmt: skip
    return int(count * width * height * each[kind])


def filmed(
    path: Path, gaussians: Gaussians, views: Sequence[View], rate: int
) -> Generator[Progress, None, Pictured]:
    """Write a film with a frame for each of `views`, all of one even size, to `path`.

    `path` is as it was until the film has been played and found right. Raises `UserError`,
    `Unavailable` without PyAV.
    """
    camera = views[0].camera
    size = (camera.width, camera.height)
    if size[0] % 2 or size[1] % 2:
        raise UserError(
            f"Films have even sizes, not {size[0]} x {size[1]}.", hint="Take a pixel more or less."
        )
    with told(path):
        check_room(path.absolute().parent, estimated_bytes(Kind.FILM, len(views), *size))
    temporary = path.absolute().with_name(f"{UNFINISHED}{secrets.token_hex(4)}-{path.name}"[:200])
    looked_at = {0, len(views) // 2, len(views) - 1}
    kept: dict[int, Pixels] = {}
    try:
        with film(temporary, size, rate) as writing:
            for number, view in enumerate(views):
                yield Progress(DRAWING, number, len(views))
                drawn = picture(gaussians, view)
                writing.add(drawn)
                if number in looked_at:
                    kept[number] = drawn
        yield Progress(CHECKING, 0, 1)
        _check_film(temporary, len(views), kept)
        written = temporary.stat().st_size
        yield Progress(CHECKING, 1, 1)
        with told(path):
            os.replace(temporary, path)  # after which nobody can end it
    finally:
        temporary.unlink(missing_ok=True)
    return Pictured(len(views), written)


def pictured(
    folder: Path, gaussians: Gaussians, views: Mapping[str, View], kind: Kind, *, metric: bool
) -> Generator[Progress, None, Pictured]:
    """Write a picture or depth map for each of `views`, by name, into the new `folder`.

    Pictures have straight alpha. Depth maps hold z in the scene's units, 0 where nothing is
    seen: as float32 (NPY), or as 16 bits (PNG) in steps that depth.json tells. Each is read
    back; the folder is whole or not there. `metric`: whether a unit is a metre. Raises
    `UserError`.
    """
    pixels = sum(view.camera.width * view.camera.height for view in views.values())
    with told(folder):
        check_room(folder.absolute().parent, estimated_bytes(kind, 1, pixels, 1))
    # One step for all maps, so that they can be compared: of the scene's, not of each map's reach.
    step = _step(gaussians, views) if kind is Kind.DEPTH_PNG else 0.0
    with new_folder(folder) as new:
        for number, (name, view) in enumerate(views.items()):
            yield Progress(DRAWING, number, len(views), name)
            _write(new / f"{name}{kind.value}", gaussians, view, kind, step)
        if kind is Kind.DEPTH_PNG:
            unit = "metre" if metric else "unknown"
            with told(new):
                (new / "depth.json").write_text(
                    json.dumps({"units_a_step": step, "unit": unit, "nothing": 0}, indent=1) + "\n"
                )
        written = sum(path.stat().st_size for path in new.iterdir())
        yield Progress(DRAWING, len(views), len(views))
    return Pictured(len(views), written)


def with_alpha(gaussians: Gaussians, view: View) -> Pixels:
    """What `view` sees, [H, W, 4] with straight alpha."""
    there = View(view.camera, view.camera_from_scene.to(gaussians.means))
    with torch.no_grad():
        seen = rasterize(gaussians, there)
    color = (seen.color / seen.alpha.clamp_min(1e-3)[..., None]).clamp(0, 1)
    whole = torch.cat([color, seen.alpha.clamp(0, 1)[..., None]], dim=2)
    return (whole * 255).round().to(torch.uint8).cpu().numpy()


def depth_map(gaussians: Gaussians, view: View) -> NDArray[np.float32]:
    """z [H, W] of what `view` sees, scene units; 0 where that is nothing."""
    there = View(view.camera, view.camera_from_scene.to(gaussians.means))
    with torch.no_grad():
        seen = rasterize(gaussians, there)
    depth = torch.where(seen.alpha > SEEN, seen.depth, torch.zeros_like(seen.depth))
    return np.asarray(depth.float().cpu().numpy(), np.float32)


def _write(path: Path, gaussians: Gaussians, view: View, kind: Kind, step: float) -> None:
    with told(path):
        if kind is Kind.DEPTH_NPY:
            depth = depth_map(gaussians, view)
            np.save(path, depth)
            same = np.array_equal(np.load(path), depth)
        else:
            pixels = with_alpha(gaussians, view)
            if kind is Kind.DEPTH_PNG:
                steps = np.round(depth_map(gaussians, view) / step)
                pixels = steps.clip(0, MOST_STEPS).astype(np.uint16)
            Image.fromarray(pixels).save(path, "PNG", compress_level=4)
            with Image.open(path) as image:
                same = np.array_equal(np.asarray(image), pixels)
    if not same:
        raise _different(path.name)


def _step(gaussians: Gaussians, views: Mapping[str, View]) -> float:
    """Scene units a step: a power of ten times a thousandth, so that the farthest fits."""
    means = gaussians.means.detach().double().cpu().numpy()
    low, high = np.percentile(means, (0.5, 99.5), axis=0)
    middle, size = (low + high) / 2, float(np.linalg.norm(high - low))
    centres = [view.centre().double().numpy() for view in views.values()]
    farthest = max(float(np.linalg.norm(centre - middle)) for centre in centres) + size
    return float(FINEST * 10 ** max(0, int(np.ceil(np.log10(farthest / FINEST / MOST_STEPS)))))


def _check_film(path: Path, count: int, kept: Mapping[int, Pixels]) -> None:
    number = -1
    for number, frame in enumerate(frames(path)):
        if number in kept:
            wanted = kept[number]
            if frame.shape != wanted.shape:
                raise _different(f"frames of {frame.shape[1]} x {frame.shape[0]}")
            error = float(((frame.astype(np.float64) - wanted) ** 2).mean()) / 255**2
            if error > 10 ** (-FILM_LIKE / 10):
                raise _different(f"frame {number + 1} looks different")
    if number + 1 != count:
        raise _different(f"{number + 1} frames instead of {count}")


def _different(what: str) -> UserError:
    return UserError(
        f"What was written does not hold what it should: {what}.",
        hint="Nothing was kept of it. Please report this.",
    )
