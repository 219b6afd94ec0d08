"""Other rooms than the sample's: other furniture, colours, light and walks, as many as wanted.

`python -m resources.room.others NUMBER --out DIR`. Three kinds take turns: a dining room walked
round, a living room walked along, a study walked through; a number's seed turns
their colours, moves their things and changes the walk.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from resources.room import camera, files, light, scene, shell
from resources.room.develop import auto_gain, developed
from resources.room.furnishings import dining_room, living_room, study
from resources.room.light import Lights
from resources.room.noise import Floats, Picture
from resources.room.patches import Array, Patch
from resources.room.shade import render
from resources.room.stage import BALANCE, Stage
from resources.room.tracer import Room

Rng = np.random.Generator
Walk = Callable[[Rng, int], list[Array]]

SEED = 1000
PHOTOS = 16
SIZE = (480, 360)
EFFORT = light.Effort(window=16, lamp=3, sun=4, bounce=24, bounces=2)
COARSER = 2.0
"""Times that the baked light is coarser than in the sample, which is looked at more closely."""


@dataclass(frozen=True)
class Kind:
    """A kind of room: `furnish` gives its patches by object, and where its lamp stands."""

    furnish: Callable[[Rng], tuple[list[list[Patch]], tuple[float, float]]]
    walk: Walk


def build(
    out: Path, number: int, photos: int = PHOTOS, shrink: float = 1.0
) -> Iterator[tuple[int, int]]:
    """Write photos and cameras.json of room `number` to the folder `out`; (done, total) as it goes.

    The same number gives the same room. `shrink`: times that its photos are smaller and its
    baked light is coarser.
    """
    seed = SEED + number
    stage, walk, rng = _set_up(number, shrink)
    lens = camera.Lens().resized(*(round(side / shrink) for side in SIZE))
    (out / "photos").mkdir(parents=True, exist_ok=True)
    poses = {}
    for k, pose in enumerate(walk(rng, photos)):
        yield k, photos
        name = f"IMG_{k + 1:04d}.jpg"
        radiance = render(
            stage.room, stage.lights, stage.baked, lens, pose, samples=2, seed=seed + k
        ).radiance
        photo, exposure = _taken(radiance, seed + k)
        path = out / "photos" / name
        files.write_photo(path, photo, lens, orientation=1, second=3 * k, exposure=exposure)
        poses[name] = pose
    files.write_cameras(out / "cameras.json", lens, poses, np.zeros((0, 3)))
    yield photos, photos


def stage(number: int) -> Stage:
    """Room `number` itself, the one that `build` takes photos of."""
    return _set_up(number)[0]


def dyed(patches: list[Patch], turn: float, saturation: float, value: float) -> list[Patch]:
    """`patches` with the hues of their pictures turned (degrees), and the rest multiplied."""
    done: dict[int, Picture] = {}
    answer = []
    for patch in patches:
        picture = patch.material.picture
        if id(picture) not in done:
            hsv = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
            hsv[..., 0] = (hsv[..., 0] + turn) % 360
            hsv[..., 1] = np.clip(hsv[..., 1] * saturation, 0, 1)
            hsv[..., 2] = np.clip(hsv[..., 2] * value, 0, 1)
            rgb = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
            done[id(picture)] = np.asarray(np.round(rgb * 255), np.uint8)
        material = replace(patch.material, picture=done[id(picture)])
        answer.append(replace(patch, material=material))
    return answer


def _set_up(number: int, shrink: float = 1.0) -> tuple[Stage, Walk, Rng]:
    """The room, how it is walked, and what the walk's chances are drawn from."""
    seed = SEED + number
    rng = np.random.default_rng(seed)
    kind = KINDS[(number - 1) % len(KINDS)]
    objects, lamp_at = kind.furnish(rng)
    patches = [patch for parts in objects for patch in dyed(parts, *_dye(rng))]
    room, lights = Room(patches, shell.outdoors(rng), seed), _lights(rng, lamp_at)
    baked = light.bake(room, lights, EFFORT, COARSER * shrink, seed)
    return Stage(room, lights, baked, _gain), kind.walk, rng


def _dye(rng: Rng) -> tuple[float, float, float]:
    saturation, value = rng.uniform((0.65, 0.85), (1.15, 1.1))
    return float(rng.normal(0, 45)), float(saturation), float(value)


def _lights(rng: Rng, lamp_at: tuple[float, float]) -> Lights:
    """The sample's, with the sun and the lamp elsewhere, and another share of each."""
    usual = scene.lights()
    to_sun = usual.to_sun + rng.uniform(-0.25, 0.25, 3) * (0.3, 0.6, 1.0)
    bulb = np.array([lamp_at[0], usual.bulb[1], lamp_at[1]], np.float32)
    return replace(
        usual,
        to_sun=(to_sun / np.linalg.norm(to_sun)).astype(np.float32),
        sun=usual.sun * np.float32(rng.uniform(0.2, 1.1)),
        sky=usual.sky * np.float32(rng.uniform(0.8, 1.2)),
        bulb=bulb,
        lamp=usual.lamp * np.float32(rng.uniform(0.8, 2.0)),
    )


def _taken(radiance: Floats, seed: int) -> tuple[Picture, float]:
    """The phone's photo: it follows the brightness a little, and its white balance wavers."""
    rng = np.random.default_rng(seed)
    gain = float(_gain(radiance) * rng.uniform(0.97, 1.03))
    balance = (BALANCE + rng.uniform(-0.01, 0.01, 3)).astype(np.float32)
    return developed(radiance, gain=gain, balance=balance, seed=seed), gain


def _gain(radiance: Floats) -> float:
    return float(auto_gain(radiance) ** 0.8)


def _around(rng: Rng, count: int) -> list[Array]:
    """An arc of a third of a circle or more round the middle of the room, one way or the other."""
    reach, start = rng.uniform(95, 125), rng.uniform(-62, -48)
    azimuths = np.radians(np.linspace(start, start + reach, count)) * rng.choice((-1, 1))
    poses = []
    for k, azimuth in enumerate(azimuths):
        radius = 2.35 + 0.12 * np.sin(0.9 * k) + rng.uniform(-0.06, 0.06)
        eye = np.array([0.0, 1.5 + 0.14 * np.sin(0.7 * k), -0.35])
        eye += radius * np.array([np.sin(azimuth), 0.0, np.cos(azimuth)])
        eye = np.clip(eye, (-2.15, 0.5, -1.6), (2.15, 2.2, 2.5))
        target = np.array([0.0, 0.72, -0.4]) + rng.uniform(-0.12, 0.12, 3)
        poses.append(camera.looking(eye, target, float(rng.uniform(-2.5, 2.5))))
    return poses


def _along(rng: Rng, count: int) -> list[Array]:
    """Sideways past the north wall, looking straight at it and a little inwards."""
    poses = []
    for part in np.linspace(-1, 1, count) * rng.choice((-1, 1)):
        eye = np.array([1.25 * part, 1.35, 1.75]) + rng.uniform(-0.09, 0.09, 3)
        target = np.array([0.55 * part, 0.78, -1.2]) + rng.uniform(-0.15, 0.15, 3)
        poses.append(camera.looking(eye, target, float(rng.uniform(-2.5, 2.5))))
    return poses


def _through(rng: Rng, count: int) -> list[Array]:
    """From the door into the room on a curve, the look wandering from one side to the other."""
    side = float(rng.choice((-1, 1)))
    poses = []
    for part in np.linspace(0, 1, count):
        eye = np.array([side * (1.35 - 2.1 * part), 1.48, 2.35 - 1.25 * np.sin(1.8 * part)])
        target = np.array([side * (-0.75 + 1.35 * part), 0.75, -1.15])
        eye += rng.uniform(-0.07, 0.07, 3)
        target += rng.uniform(-0.12, 0.12, 3)
        poses.append(camera.looking(eye, target, float(rng.uniform(-2.5, 2.5))))
    return poses


KINDS = (Kind(dining_room, _around), Kind(living_room, _along), Kind(study, _through))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("number", type=int)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    for done, total in build(arguments.out, arguments.number):
        sys.stderr.write(f"{done} of {total} photos\n")


if __name__ == "__main__":
    main()
