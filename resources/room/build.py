"""Makes the sample capture: `python -m resources.room.build [--out DIR]`, a few minutes."""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from resources.room import camera, files, light, scene
from resources.room.develop import auto_gain, developed
from resources.room.noise import Floats, Picture
from resources.room.shade import Exposure, render
from resources.room.stage import BALANCE, Stage

SEED = 7
PHOTOS = 12
GAIN = 1.24
"""Exposure that suits the room, before the phone has its own opinion."""

TURNED = {4: 6, 9: 8}
"""Photos that are stored turned, counted from 0, and their EXIF orientation."""

SAMPLE = Path(__file__).parent.parent / "sample"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m resources.room.build", description=__doc__)
    parser.add_argument("--out", type=Path, default=SAMPLE, help="folder (default: the sample)")
    build(parser.parse_args().out)


def build(out: Path) -> None:
    """Write photos, masks, names and true cameras to the folder `out`."""
    began = time.monotonic()
    for name in ("photos", "masks"):
        (out / name).mkdir(parents=True, exist_ok=True)
    room, lens = stage(), camera.Lens()
    _tell(f"light baked at {len(room.baked.soft.texels)} places", began)
    poses, seen = {}, {0}
    for k, pose in enumerate(camera.walk(PHOTOS, SEED)):
        name = f"IMG_{k + 1:04d}"
        exposure = render(room.room, room.lights, room.baked, lens, pose, seed=SEED + k)
        photo, gain = taken(exposure, k)
        files.write_photo(
            out / "photos" / f"{name}.jpg",
            photo,
            lens,
            orientation=TURNED.get(k, 1),
            second=4 * k + k % 3,
            exposure=gain / GAIN,
        )
        files.write_mask(out / "masks" / f"{name}.png", exposure.labels)
        seen.update(np.unique(exposure.labels).tolist())
        poses[f"{name}.jpg"] = pose
        _tell(name, began)
    files.write_cameras(out / "cameras.json", lens, poses, scene.table_corners())
    files.write_names(out / "objects.json", scene.furnished(SEED).names, sorted(seen))


def stage() -> Stage:
    """The sample's room itself."""
    room, lights = scene.furnished(SEED).room(SEED), scene.lights()
    return Stage(room, lights, light.bake(room, lights, light.Effort(), 1.0, SEED), _gain)


def taken(exposure: Exposure, k: int) -> tuple[Picture, float]:
    """The photo that the phone makes of its `k`-th exposure, and its gain."""
    gain = _gain(exposure.radiance)
    rng = np.random.default_rng(SEED + 100 + k)
    balance: Floats = (BALANCE + rng.uniform(-0.01, 0.01, 3)).astype(np.float32)
    return developed(exposure.radiance, gain=gain, balance=balance, seed=SEED + k), gain


def _gain(radiance: Floats) -> float:
    wish = (auto_gain(radiance) / GAIN) ** 0.2
    return GAIN * float(np.clip(wish, 0.92, 1.08))


def _tell(words: str, began: float) -> None:
    sys.stderr.write(f"{time.monotonic() - began:6.1f} s  {words}\n")


if __name__ == "__main__":
    main()
