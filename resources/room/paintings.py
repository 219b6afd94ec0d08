"""Pictures of pictures: wallpaper, rug, paintings, book covers, the garden behind the window."""

import itertools

import cv2
import numpy as np

from resources.room.noise import Floats, Picture, colour, mixed, picture, shaded, spectral

Rng = np.random.Generator
Ink = tuple[int, int, int]

SHIFT = 4
"""Bits after the point in the coordinates given to OpenCV."""


def ink(code: str) -> Ink:
    """`code` as OpenCV wants a colour."""
    r, g, b = (int(c) for c in colour(code))
    return r, g, b


def polygon(canvas: Picture, points: Floats, code: str) -> None:
    """Fill `points` [N, 2] (x, y in pixels) with a colour, edges smooth."""
    fixed = np.round(points * (1 << SHIFT)).astype(np.int32)
    cv2.fillPoly(canvas, [fixed], ink(code), cv2.LINE_AA, SHIFT)


def blade(base: Floats, angle: float, length: float, width: float) -> Floats:
    """The outline [N, 2] of a slender leaf that grows from `base` towards `angle` (radians)."""
    t = np.linspace(0, 1, 14)
    half = width * np.sin(np.pi * t**0.85) / 2
    outline = np.concatenate(
        [np.stack([t * length, half], 1), np.stack([t * length, -half], 1)[::-1]]
    )
    c, s = np.cos(angle), np.sin(angle)
    return np.asarray(outline @ np.array([[c, s], [-s, c]]) + base, np.float32)


def sprig(canvas: Picture, base: Floats, angle: float, size: float, codes: tuple[str, str]) -> None:
    """A twig of `size` pixels with paired leaves and a bud."""
    steps = 6
    point = np.array(base, np.float32)
    for k in range(steps):
        heading = np.array([np.cos(angle), np.sin(angle)], np.float32)
        nxt = point + heading * size / steps
        cv2.line(canvas, _at(point), _at(nxt), ink(codes[0]), 2, cv2.LINE_AA)
        long = size * (0.34 - 0.03 * k)
        for side in (-1.0, 1.0):
            polygon(canvas, blade(nxt, angle + side * 0.85, long, long * 0.36), codes[k % 2])
        point, angle = nxt, angle + 0.09
    cv2.circle(canvas, _at(point), max(2, int(size * 0.045)), ink(codes[1]), -1, cv2.LINE_AA)


def _at(point: Floats) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def wallpaper(rng: Rng, height: int, width: int, metres_per_pixel: float) -> Picture:
    """Twigs strewn over sage green, no two alike, none overlapping."""
    tone = 1 + 0.022 * spectral(rng, height, width, slope=0.5, coarsest=0.05)
    tone += 0.02 * spectral(rng, height, width, slope=1.4)
    canvas = picture(shaded(np.tile(colour("8e9d86"), (height, width, 1)), tone))
    pairs = (("dcd8bf", "c2c7a6"), ("6b7f69", "7c8f76"), ("e0d2b0", "c99f78"), ("b4bf9f", "dcd8bf"))
    kept, count = np.full((2000, 2), np.inf, np.float32), 0
    apart = 0.135 / metres_per_pixel
    for _ in range(6000):
        spot = rng.uniform((0, 0), (width, height)).astype(np.float32)
        if ((kept[: count + 1] - spot) ** 2).sum(1).min() > apart**2:
            kept[count], count = spot, count + 1
            size = rng.uniform(0.09, 0.15) / metres_per_pixel
            sprig(canvas, spot, rng.uniform(0, 2 * np.pi), size, pairs[rng.integers(len(pairs))])
    return canvas


def rug(rng: Rng, height: int, width: int) -> Picture:
    """A kilim: borders of triangles round a field of stepped diamonds, colours never repeated."""
    wool = ("a8452f", "c9743f", "dcb878", "2f4858", "ece0c6", "6d2f2a", "7d8f78")
    canvas = np.tile(colour("e6d8bb").astype(np.uint8), (height, width, 1))
    cv2.rectangle(canvas, (18, 18), (width - 19, height - 19), ink("7c2f25"), -1)
    _teeth(rng, canvas, wool, inset=18, deep=44)
    cv2.rectangle(canvas, (66, 66), (width - 67, height - 67), ink("e3cfa4"), -1)
    cv2.rectangle(canvas, (74, 74), (width - 75, height - 75), ink("9c4a39"), -1)
    columns, rows = 7, 4
    cell_w, cell_h = (width - 150) / columns, (height - 150) / rows
    for i in range(columns):
        for j in range(rows):
            middle = np.array([75 + (i + 0.5) * cell_w, 75 + (j + 0.5) * cell_h], np.float32)
            _stepped(rng, canvas, wool, middle, (cell_w * 0.47, cell_h * 0.47))
    knots = spectral(rng, height, width, slope=0.35, coarsest=0.02, stretch=3.0)
    wear = spectral(rng, height, width, slope=1.2)
    return picture(shaded(canvas.astype(np.float32), 1 + 0.085 * knots + 0.05 * wear))


def _teeth(rng: Rng, canvas: Picture, wool: tuple[str, ...], *, inset: int, deep: int) -> None:
    height, width = canvas.shape[:2]
    for along, limit in ((0, width), (1, height)):
        count = limit // 52
        edges = np.linspace(inset, limit - inset, count + 1)
        for a, b in itertools.pairwise(edges):
            far = (height if along == 0 else width) - inset
            for low, high in ((inset, inset + deep), (far, far - deep)):
                tooth = np.array([[a, low], [b, low], [(a + b) / 2, high]], np.float32)
                polygon(canvas, tooth if along == 0 else tooth[:, ::-1], rng.choice(wool[1:5]))


def _stepped(
    rng: Rng, canvas: Picture, wool: tuple[str, ...], middle: Floats, half: tuple[float, float]
) -> None:
    colours = [str(c) for c in rng.permutation(wool)]
    for ring, scale in enumerate((1.0, 0.74, 0.50, 0.26)):
        for step in np.linspace(0.2, 1.0, 5):
            reach = np.array([half[0] * scale * step, half[1] * scale * (1.2 - step)])
            low, high = middle - reach, middle + reach
            cv2.rectangle(canvas, _at(low), _at(high), ink(colours[ring]), -1)
    if rng.random() < 0.6:
        cv2.circle(canvas, _at(middle), int(rng.integers(5, 11)), ink(colours[5]), -1, cv2.LINE_AA)


def landscape(rng: Rng, height: int, width: int) -> Picture:
    """Hills under an evening sky, painted in broad strokes."""
    rows = np.repeat(np.linspace(0, 1, height, dtype=np.float32)[:, None], width, axis=1)
    canvas = picture(mixed(rows * 1.5, "7fa3b5", "f0c08a"))
    sun = (int(width * rng.uniform(0.2, 0.8)), int(height * 0.36))
    cv2.circle(canvas, sun, height // 11, ink("f6e2ae"), -1, cv2.LINE_AA)
    hills = ("a58a76", "8a7a5c", "5f7257", "3f5a4c", "8d5a35", "2c3b36")
    for k, code in enumerate(hills):
        x = np.arange(width)
        top = np.full(width, height * (0.42 + 0.10 * k))
        for waves, tall in ((1.3, 0.05), (2.9, 0.025), (7.0, 0.006)):
            top += height * tall * np.sin(2 * np.pi * waves * x / width + rng.uniform(0, 6.3))
        outline = np.concatenate([np.stack([x, top], 1), [[width, height], [0, height]]])
        polygon(canvas, np.asarray(outline, np.float32), code)
    return _brushed(rng, canvas)


def herbarium(rng: Rng, height: int, width: int) -> Picture:
    """A pressed plant on paper, with its handwritten label."""
    canvas = picture(
        shaded(
            np.tile(colour("efe6d0"), (height, width, 1)),
            1 + 0.03 * spectral(rng, height, width, slope=0.9),
        )
    )
    foot = np.array([width * 0.5, height * 0.86], np.float32)
    for lean in rng.uniform(-0.5, 0.5, 5):
        pair = [("4f6b45", "6f8755"), ("3c5a4a", "8a9a63"), ("7a6a3a", "a3553f")][rng.integers(3)]
        sprig(canvas, foot, -np.pi / 2 + lean, height * rng.uniform(0.45, 0.75), pair)
    for k in range(2):
        y = int(height * (0.91 + 0.035 * k))
        cv2.line(
            canvas, (int(width * 0.3), y), (int(width * 0.68), y), ink("8a7a64"), 1, cv2.LINE_AA
        )
    return canvas


def abstract(rng: Rng, height: int, width: int) -> Picture:
    """Paper shapes laid over each other."""
    canvas = np.tile(colour("eadfc8").astype(np.uint8), (height, width, 1))
    codes = ("c65f3a", "23445a", "dba645", "7f9482", "8c3b33", "d9b8a0", "39383b")
    for code in rng.permutation(codes):
        centre = rng.uniform((0.2, 0.2), (0.8, 0.8)) * (width, height)
        t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        wobble = (
            1 + 0.25 * np.sin(2 * t + rng.uniform(0, 6)) + 0.12 * np.sin(3 * t + rng.uniform(0, 6))
        )
        radius = min(height, width) * rng.uniform(0.12, 0.26) * wobble
        outline = centre + np.stack([np.cos(t), np.sin(t)], 1) * radius[:, None]
        polygon(canvas, np.asarray(outline, np.float32), str(code))
    return _brushed(rng, canvas)


def _brushed(rng: Rng, canvas: Picture) -> Picture:
    height, width = canvas.shape[:2]
    strokes = spectral(rng, height, width, slope=0.6, coarsest=0.12, stretch=3.0)
    blobs = spectral(rng, height, width, slope=1.0, coarsest=0.2)
    return picture(shaded(canvas.astype(np.float32), 1 + 0.06 * strokes + 0.06 * blobs))


def spine(rng: Rng, code: str, height: int = 96, width: int = 20) -> Picture:
    """The back of a book: cloth, bands, a title that is too small to read, a mark of its press."""
    factor = 1 + 0.05 * spectral(rng, height, width, slope=0.6)
    canvas = picture(shaded(np.tile(colour(code), (height, width, 1)), factor))
    accent = str(rng.choice(("ead9a8", "f2ead8", "2b2b2b", "c9a24b", "b8452f")))
    for y in rng.uniform(0.05, 0.16, 2):
        for row in (int(y * height), int((1 - y) * height)):
            cv2.rectangle(canvas, (0, row), (width, row + int(rng.integers(1, 4))), ink(accent), -1)
    begin, end = rng.uniform(0.22, 0.32), rng.uniform(0.55, 0.78)
    if rng.random() < 0.3:
        low, high = int(begin * height), int((begin + 0.25) * height)
        cv2.rectangle(canvas, (2, low), (width - 3, high), ink(accent), -1)
    y = begin * height
    while y < end * height:
        tall = rng.uniform(2, 6)
        low = (int(width * 0.3), int(y))
        cv2.rectangle(canvas, low, (int(width * 0.7), int(y + tall)), ink(accent), -1)
        y += tall + rng.choice((1.5, 1.5, 4.0))
    cv2.circle(canvas, (width // 2, int(height * 0.86)), width // 6, ink(accent), -1, cv2.LINE_AA)
    return canvas


def cover(rng: Rng, code: str, height: int = 160, width: int = 120) -> Picture:
    """The front of a book: a shape, a title block and a line below."""
    factor = 1 + 0.05 * spectral(rng, height, width, slope=0.6)
    canvas = picture(shaded(np.tile(colour(code), (height, width, 1)), factor))
    accent = ink(str(rng.choice(("ead9a8", "f2ead8", "d98e4a", "e7e0d0"))))
    cv2.rectangle(canvas, (7, 7), (width - 8, height - 8), accent, 2)
    spot = np.array([width * 0.5, height * 0.66], np.float32)
    sprig(canvas, spot, -np.pi / 2 + rng.uniform(-0.4, 0.4), height * 0.36, ("f2ead8", "d98e4a"))
    for k, long in enumerate((0.34, 0.26)):
        y = int(height * (0.14 + 0.08 * k))
        low = (int(width * (0.5 - long)), y)
        cv2.rectangle(canvas, low, (int(width * (0.5 + long)), y + 6), accent, -1)
    return canvas


def garden(rng: Rng, height: int, width: int) -> Picture:
    """What lies behind the window: sky, trees in leaf and a hedge, a little out of focus."""
    rows = np.repeat(np.linspace(0, 1, height, dtype=np.float32)[:, None], width, axis=1)
    canvas = picture(mixed(rows * 1.6, "a9cdea", "eef3ee"))
    greens = ("53723f", "6d8a49", "87a35b", "3f5e3a", "9db56a")
    for _ in range(900):
        u = rng.uniform(0, 1)
        crown = 0.40 + 0.16 * np.sin(7 * u + 1) + 0.08 * np.sin(19 * u)
        v = crown + abs(rng.normal(0, 0.22))
        centre = (int(u * width), int(v * height))
        cv2.circle(canvas, centre, int(rng.integers(4, 17)), ink(str(rng.choice(greens))), -1)
    for x in rng.uniform(0.1, 0.9, 5) * width:
        cv2.line(canvas, (int(x), int(height * 0.5)), (int(x) + 6, height), ink("5b4936"), 7)
    return picture(cv2.GaussianBlur(canvas, (0, 0), 2.2).astype(np.float32))
