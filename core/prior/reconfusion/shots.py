"""Captures to learn from: photos with their places, and questions made of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from core.errors import UserError
from core.geometry.camera import Pinhole, View, project
from core.prior.cameras import nearest, path_of
from core.prior.reconfusion.config import Config
from core.prior.reconfusion.question import Question, lens_of

FEWEST = 4  # photos of a capture: three to look at, and one to be guessed
ENOUGH = 20  # points in a picture to tell how far away things are
NEARER, FARTHER = 0.7, 1.4  # than nearly all that is known
NEAREST, FARTHEST = 0.3, 2.5  # of the way to what the cameras look at, where nothing is known
WANDERING = 0.25  # of a range's ends, so that the network gets used to others
CLOSE = 8  # of all photos, those nearest to the target, are shown in half of the questions


@dataclass(frozen=True, eq=False)
class Shots:
    """A capture at the network's size: `pictures` [P, 3, H, W] uint8, their `views`.

    What each photo shows lies from `near` to `far` [P], z in scene units.
    """

    name: str
    pictures: Tensor
    views: tuple[View, ...]
    near: Tensor
    far: Tensor


def size_for(camera: Pinhole, config: Config) -> tuple[int, int]:
    """Height and width of the network's pictures that come nearest to `camera`'s shape."""
    unit = config.multiple * (config.patch or 8)
    longest = max(camera.width, camera.height)
    sides = (config.side * side / longest for side in (camera.height, camera.width))
    height, width = (max(unit, round(side / unit) * unit) for side in sides)
    return height, width


def at_size(picture: Tensor, height: int, width: int) -> Tensor:
    """`picture` [B, C, H, W] at another size."""
    if picture.shape[2:] == (height, width):
        return picture
    smaller = picture.shape[2] >= height and picture.shape[3] >= width
    if smaller:
        return interpolate(picture, (height, width), mode="area")
    return interpolate(picture, (height, width), mode="bilinear", align_corners=False)


def shots(
    name: str,
    photos: Sequence[Tensor],
    views: Sequence[View],
    points: NDArray[np.float64] | None,
    config: Config,
) -> Shots:
    """A capture from its `photos`, [H, W, 3] uint8, and what is known of its `points` [N, 3].

    All photos are brought to the size that suits the first. Raises `UserError` for too few.
    """
    if len(photos) < FEWEST:
        raise UserError(
            f"{name} has {len(photos)} photos with known places, and {FEWEST} are needed.",
            hint="Leave it out.",
        )
    height, width = size_for(views[0].camera, config)
    small = [
        at_size(photo.permute(2, 0, 1)[None].float(), height, width).round().to(torch.uint8)
        for photo in photos
    ]
    seen = tuple(view.resized(width, height) for view in views)
    ranges = [known_range(points, view) for view in seen]
    guessed = guessed_range(seen)
    near, far = zip(*(each or guessed for each in ranges), strict=True)
    return Shots(name, torch.cat(small), seen, torch.tensor(near), torch.tensor(far))


def known_range(points: NDArray[np.float64] | None, view: View) -> tuple[float, float] | None:
    """From where to where `view` sees things, from scene points [N, 3]; None for too few."""
    if points is None or not len(points):
        return None
    pixels, z = project(torch.from_numpy(points).float(), view)
    size = torch.tensor([view.camera.width, view.camera.height])
    inside = (z > 0) & (pixels >= 0).all(dim=1) & (pixels < size).all(dim=1)
    return range_of(z[inside]) if int(inside.sum()) >= ENOUGH else None


def range_of(depths: Tensor) -> tuple[float, float]:
    """A range about `depths` [N], of which some may be wrong."""
    low, high = torch.quantile(depths.float(), torch.tensor([0.03, 0.97]).to(depths.device))
    return float(low) * NEARER, float(high) * FARTHER


def guessed_range(views: Sequence[View]) -> tuple[float, float]:
    """From where to where cameras see things of which no more is known than where they stand.

    They are taken to look at the place where their axes meet.
    """
    centres = torch.stack([view.centre() for view in views])
    spread = max(float((centres - centres.mean(dim=0)).norm(dim=1).max()), 1e-6)
    focus = path_of(views, [spread] * len(views)).focus
    ways = focus - centres.double()
    axes = torch.stack([view.camera_from_scene[2, :3].double() for view in views])
    ahead = (ways * axes).sum(dim=1)
    away = float(ahead[ahead > 0].median()) if bool((ahead > 0).any()) else 2 * spread
    return NEAREST * away, FARTHEST * away


def evenly(count: int, chosen: int) -> list[int]:
    """`chosen` of `count` numbers, evenly spaced."""
    return [round((2 * k + 1) * count / (2 * chosen) - 0.5) for k in range(chosen)]


def asked_of(captured: Shots, target: int, given: Sequence[int]) -> Question:
    """The question what photo `target` shows, given others, the nearest first."""
    pictures = captured.pictures[list(given)].float() / 255
    views = [captured.views[k] for k in given]
    one = captured.views[target]
    return Question(
        photos=pictures[None],
        lenses=torch.stack([lens_of(view.camera) for view in views])[None],
        poses=torch.stack([view.camera_from_scene.float() for view in views])[None],
        lens=lens_of(one.camera)[None],
        pose=one.camera_from_scene.float()[None],
        near=captured.near[target : target + 1].float(),
        far=captured.far[target : target + 1].float(),
    )


def order(captured: Shots, target: int, among: Sequence[int]) -> list[int]:
    """`among` from the photo most like `target` on."""
    depth = float((captured.near[target] * captured.far[target]).sqrt())
    rest = [captured.views[k] for k in among]
    return [among[k] for k in nearest(captured.views[target], rest, depth, len(rest))]


def drawn(captured: Shots, generator: torch.Generator, photos: int = 3) -> tuple[Question, Tensor]:
    """A random question and its answer [1, 3, H, W] in [0, 1]; in half of them mirrored.

    It is about a random photo, shown others: random ones of those nearest to it, or of all.
    """

    def up_to(count: int) -> int:
        return int(torch.randint(count, (1,), generator=generator))

    target = up_to(len(captured.views))
    others = order(captured, target, [k for k in range(len(captured.views)) if k != target])
    if up_to(2):
        others = others[: max(CLOSE, photos)]
    picked = torch.randperm(len(others), generator=generator)[:photos].sort().values
    asked = asked_of(captured, target, [others[int(k)] for k in picked])
    answer = captured.pictures[target : target + 1].float() / 255
    ends = 1 + WANDERING * (2 * torch.rand(2, generator=generator) - 1)
    asked = Question(**{**vars(asked), "near": asked.near * ends[0], "far": asked.far * ends[1]})
    return (mirrored(asked), answer.flip(3)) if up_to(2) else (asked, answer)


def mirrored(asked: Question) -> Question:
    """The same in a mirror: pictures and scene with left and right exchanged."""
    width = asked.photos.shape[4]
    swap = torch.diag(torch.tensor([-1.0, 1.0, 1.0, 1.0])).to(asked.pose)

    def lens(each: Tensor) -> Tensor:
        fx, fy, cx, cy = each.unbind(-1)
        return torch.stack([fx, fy, width - cx, cy], dim=-1)

    return Question(
        asked.photos.flip(4),
        lens(asked.lenses),
        swap @ asked.poses @ swap,
        lens(asked.lens),
        swap @ asked.pose @ swap,
        asked.near,
        asked.far,
    )


def together(questions: Sequence[Question]) -> Question:
    """One batch of questions of one size and as many photos."""
    return Question(
        **{name: torch.cat([vars(each)[name] for each in questions]) for name in vars(questions[0])}
    )
