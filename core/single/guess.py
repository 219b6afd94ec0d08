"""Walls of a room nobody marked: those that part a photo best, of all that its edges suggest.

Every level edge below the horizon may be where a wall meets the floor. Of the rooms made of such
walls the one is taken whose faces are each most of one colour, with most edges where they meet.
"""

from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from core.geometry.planes import Plane
from core.single.lines import Edges
from core.single.outline import Eye
from core.single.perspective import Perspective

Array = NDArray[np.float64]
Pixels = NDArray[np.bool_]

SIZE = 160  # pixels: longer side of the picture that rooms are judged on
SLOTS = ((0.0, 1.0), (1.0, 0.0), (-1.0, 0.0))  # walls ahead, to the left, to the right: x and z
OFFERS = 6  # walls of each kind
ALIKE = 0.08  # of a distance: edges that differ less speak for one wall
NEAREST, FARTHEST = 0.8, 8.0  # times the camera's height: where walls may be
COLORS = 0.5  # what faces of one colour each are worth
EDGES = 0.3  # what edges as long as the picture's diagonal where floor and walls meet are worth
LYING = 1.0  # what it is worth that edges could lie on the faces that they are seen on
LEGS = 0.3  # how much upright edges seen before the floor count: things stand there
PRICE = 0.02  # of a wall


def guessed_walls(
    photo: NDArray[np.uint8], edges: Edges, found: Perspective, eye: Eye, things: Pixels
) -> tuple[Plane, ...]:
    """Upright planes, their normals to the camera; none where no edge suggests any.

    `photo` [H, W, 3], its `edges`, `eye` and `things` [H, W], pixels that take no part, are of one
    size; `found` tells along which axes the edges run.
    """
    share = SIZE / max(things.shape)
    rows = ((np.arange(round(things.shape[0] * share)) + 0.5) / share).astype(np.int64)
    columns = ((np.arange(round(things.shape[1] * share)) + 0.5) / share).astype(np.int64)
    small = cv2.resize(photo, (len(columns), len(rows)), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).astype(np.float64)
    free = ~things[rows][:, columns]
    rays = eye.rays[rows][:, columns]
    offers = [_offers(edges, found, eye, slot) for slot in SLOTS]
    times = [
        [_times(rays, normal, each) for each, _ in offers[k]] for k, normal in enumerate(SLOTS)
    ]
    with np.errstate(divide="ignore"):
        floor = np.where(rays[..., 1] < 0, -eye.height / rays[..., 1], np.inf)
    spots = _spots(edges, share, free.shape)
    best = -np.inf
    chosen: tuple[int, ...] = (-1,) * len(SLOTS)
    for picks in product(*(range(-1, len(each)) for each in offers)):
        taken = [(k, pick) for k, pick in enumerate(picks) if pick >= 0]
        stack = np.stack([floor, *(times[k][pick] for k, pick in taken)])
        face = np.where(np.isfinite(stack.min(axis=0)), stack.argmin(axis=0), -1)
        support = sum(offers[k][pick][1] for k, pick in taken)
        axes = np.array([1, *((0 if SLOTS[k][0] else 2) for k, _ in taken), -1])
        worth = (
            COLORS * _parted(lab, face, free)
            + EDGES * support
            + LYING * _lying(axes[face], spots, found.along, free)
            - PRICE * len(taken)
        )
        if worth > best:
            best, chosen = worth, picks
    return tuple(
        Plane(np.array([SLOTS[k][0], 0.0, SLOTS[k][1]]), offers[k][pick][0])
        for k, pick in enumerate(chosen)
        if pick >= 0
    )


def _offers(
    edges: Edges, found: Perspective, eye: Eye, normal: tuple[float, float]
) -> list[tuple[float, float]]:
    """Distances of walls facing `normal`, each with how much edges say for it, in [0, 1]."""
    height, width = eye.rays.shape[:2]
    axis = 0 if normal[1] else 2  # along the wall
    some = np.flatnonzero(found.along == axis)
    ends = edges.ends[some]
    rays = (
        np.stack(
            [
                (ends[..., 0] - width / 2),
                (ends[..., 1] - height / 2),
                np.full(ends.shape[:2], eye.focal),
            ],
            axis=-1,
        )
        @ found.camera_from_room
    )
    down = -rays[..., 1].max(axis=1)
    near = down > eye.focal / (2 * FARTHEST)
    middle = rays.mean(axis=1)[near]
    spots = (eye.height / -middle[:, 1])[:, None] * middle
    away = -(spots[:, 0] * normal[0] + spots[:, 2] * normal[1])
    length = np.linalg.norm(ends[near, 1] - ends[near, 0], axis=1) / np.hypot(width, height)
    good = (away > NEAREST * eye.height) & (away < FARTHEST * eye.height)
    away, length = away[good], length[good]
    offers: list[tuple[float, float]] = []
    rest = np.ones(len(away), bool)
    for _ in range(OFFERS):
        if not rest.any():
            break
        close = np.abs(np.log(away[:, None] / away[None, rest])) < ALIKE
        mass = (close * (length * rest)[:, None]).sum(axis=0)
        distance = float(away[rest][mass.argmax()])
        on = rest & (np.abs(np.log(away / distance)) < ALIKE)
        mean = float(np.average(away[on], weights=length[on]))
        offers.append((mean, min(1.0, float(length[on].sum()))))
        rest &= ~on
    return offers


def _times(rays: Array, normal: tuple[float, float], distance: float) -> Array:
    """z [H, W] at which rays meet a wall, inf where they do not."""
    slope = -(rays[..., 0] * normal[0] + rays[..., 2] * normal[1])
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(slope > 0, distance / slope, np.inf))


def _spots(edges: Edges, share: float, shape: tuple[int, int]) -> NDArray[np.int64]:
    """Rows and columns [2, L, 3] of three places on each edge, in a picture so much smaller."""
    parts = np.array([0.2, 0.5, 0.8])[:, None]
    at = edges.ends[:, None, 0] * (1 - parts) + edges.ends[:, None, 1] * parts
    places = np.floor(at[..., ::-1] * share).astype(np.int64)
    return np.moveaxis(np.clip(places, 0, np.array(shape) - 1), -1, 0)


def _lying(
    axis: NDArray[np.int64], spots: NDArray[np.int64], along: NDArray[np.int64], free: Pixels
) -> float:
    """In [-1, 1]: edges that could lie on the face where they are seen, less those that could not.

    `axis` [H, W]: that of each pixel's face's normal. No edge on a face runs along its normal.
    (Lee, Hebert and Kanade, 2009.)
    """
    rows, columns = spots
    here = axis[rows, columns]
    known = (along[:, None] >= 0) & (here >= 0) & free[rows, columns]
    against = known & (here == along[:, None])
    loss = np.where(here == 1, LEGS, 1.0)[against].sum()
    return float((known.sum() - against.sum() - loss) / max(known.sum(), 1))


def _parted(lab: Array, face: NDArray[np.int64], free: Pixels) -> float:
    """In [0, 1]: of the variance of colours, what is between the faces and not inside them."""
    total = float(((lab[free] - lab[free].mean(axis=0)) ** 2).sum())
    within = 0.0
    for k in range(-1, int(face.max()) + 1):
        here = lab[free & (face == k)]
        if len(here):
            within += float(((here - here.mean(axis=0)) ** 2).sum())
    return 1 - within / max(total, 1e-12)
