"""Small scenes for the tests of the viewport, and how to wait for their pictures."""

import time

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.capture.lens import Lens
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints
from core.gaussians.arrays import SplatArrays
from core.geometry.sh import SH_C0
from core.scene.document import State
from widgets.viewport.navigation import Camera, camera_from_scene, orbited
from widgets.viewport.widget import Viewport

RED, GREEN, BLUE = (0.9, 0.1, 0.1), (0.1, 0.8, 0.1), (0.15, 0.2, 0.9)
SIZE = (480, 320)
GAP = 0.025  # seconds between two moves of a hand


def blob(centre: tuple[float, float, float], color: tuple[float, float, float]) -> SplatArrays:
    """A ball of opaque splats, 0.4 across."""
    random = np.random.default_rng(0)
    directions = random.normal(size=(400, 3))
    means = centre + 0.2 * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    sh = np.full((400, 1, 3), (np.array(color) - 0.5) / SH_C0)
    return SplatArrays(
        means=means.astype(np.float32),
        quats=np.tile(np.float32([1, 0, 0, 0]), (400, 1)),
        log_scales=np.full((400, 3), np.log(0.03), np.float32),
        logit_opacity=np.full(400, 4.0, np.float32),
        sh=sh.astype(np.float32),
        object_id=np.zeros(400, np.int32),
    )


def together(*parts: SplatArrays) -> SplatArrays:
    """All in one table."""
    names = SplatArrays.__dataclass_fields__
    return SplatArrays(**{n: np.concatenate([getattr(part, n) for part in parts]) for n in names})


def three_blobs() -> SplatArrays:
    """Red in the middle, green at x = 1, blue at x = -1 and y = 0.5."""
    return together(blob((0, 0, 0), RED), blob((1, 0, 0), GREEN), blob((-1, 0.5, 0), BLUE))


def many(count: int, seed: int = 0) -> SplatArrays:
    """A cloud of so many small splats."""
    random = np.random.default_rng(seed)
    means = random.normal(0, 1, (count, 3)) * (1, 0.5, 0.7)
    return SplatArrays(
        means=means.astype(np.float32),
        quats=random.normal(size=(count, 4)).astype(np.float32),
        log_scales=random.normal(-3.6, 0.4, (count, 3)).astype(np.float32),
        logit_opacity=random.normal(1, 1, count).astype(np.float32),
        sh=np.clip(means * 0.8 + 0.2, -1.5, 1.5)[:, None].astype(np.float32),
        object_id=np.zeros(count, np.int32),
    )


def around(names: tuple[str, ...] = ("a.jpg", "b.jpg", "c.jpg")) -> Reconstruction:
    """Cameras in an arc before the blobs, and one sparse point in each of those."""
    lens = Lens("PINHOLE", 320, 240, (300.0, 300.0, 160.0, 120.0))
    first = Camera(offset=np.array([0.0, 0.0, 3.0]), pitch=-0.1)
    cameras = [orbited(first, 12.0 * (i - 1), 0, (100, 100)) for i in range(len(names))]
    photos = tuple(
        PlacedPhoto(name, lens, camera_from_scene(camera))
        for name, camera in zip(names, cameras, strict=True)
    )
    positions = np.array([[0.0, 0, 0], [1, 0, 0], [-1, 0.5, 0]])
    seen = np.array([(i, k) for i in range(len(names)) for k in range(3)])
    points = SparsePoints(
        positions, np.full((3, 3), 200, np.uint8), np.zeros(3), seen[:, 0], seen[:, 1]
    )
    return Reconstruction(photos, points, (), floor_found=True)


def settled(viewport: Viewport, seconds: float = 20.0) -> None:
    """Wait until nothing is drawn or moves any more."""
    pause(0.05)
    until = time.perf_counter() + seconds
    while viewport.easel is None or viewport.busy:
        assert time.perf_counter() < until, "the viewport does not come to rest"
        pause(0.01)


def pause(seconds: float) -> None:
    """Let the window live for a while."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        QApplication.processEvents()
        time.sleep(0.001)


def shown(viewport: Viewport, content: SplatArrays | None = None) -> State:
    """Show the three blobs, or `content`, and wait until they are seen."""
    state = State(content=content or three_blobs())
    viewport.show_state(None, state)
    settled(viewport)
    return state


def drag(
    viewport: Viewport,
    start: tuple[int, int],
    end: tuple[int, int],
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Drag as a hand does, then wait for the fine picture."""
    QTest.mousePress(viewport, button, modifiers, QPoint(*start))
    for part in np.linspace(0, 1, 8)[1:]:
        at = np.array(start) + part * (np.array(end) - np.array(start))
        # Unlike QTest's, which tells no buttons and no modifiers.
        move(viewport, (int(at[0]), int(at[1])), button, modifiers)
        pause(GAP)
    QTest.mouseRelease(viewport, button, modifiers, QPoint(*end))
    settled(viewport)


def move(
    viewport: Viewport,
    to: tuple[int, int],
    button: Qt.MouseButton,
    modifiers: Qt.KeyboardModifier,
) -> None:
    at = QPointF(*to)
    there = viewport.mapToGlobal(at)
    kind = QEvent.Type.MouseMove
    none = Qt.MouseButton.NoButton
    QApplication.sendEvent(viewport, QMouseEvent(kind, at, there, none, button, modifiers))


def pixels(viewport: Viewport) -> NDArray[np.float64]:
    """The framebuffer [h, w, 3] in [0, 1]."""
    image = viewport.grabFramebuffer().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3) / 255


def region(picture: NDArray[np.float64], x: int, y: int, half: int = 4) -> NDArray[np.float64]:
    """Mean colour [3] around a pixel."""
    return picture[y - half : y + half + 1, x - half : x + half + 1].mean(axis=(0, 1))


def place_of(
    picture: NDArray[np.float64], color: tuple[float, float, float]
) -> NDArray[np.float64]:
    """Mean pixel (x, y) of what has nearly that colour; NaN where there is nothing."""
    near = np.abs(picture - color).max(axis=2) < 0.2
    return np.argwhere(near)[:, ::-1].mean(axis=0) if near.any() else np.full(2, np.nan)
