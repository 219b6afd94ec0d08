"""A canvas of masks for tests: a photo of coloured squares, and edits that are carried out."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.scene.document import Document, State
from core.scene.edits import Edit
from core.scene.plan import mask_of
from core.segment.labels import PhotoMask
from core.segment.protocol import Prompt
from tests.mask_scenes import CHAIR, HEIGHT, WIDTH, room
from tests.window_parts import pause
from widgets.canvas.options import CanvasOptions, Tool
from widgets.canvas.page import object_at_hand
from widgets.canvas.view import PhotoView
from widgets.canvas.workbench import Workbench

LEFT, RIGHT, MIDDLE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
BARE, ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
PHOTO = "c.jpg"  # of which nothing is said at first


def squares() -> NDArray[np.uint8]:
    """A grey photo [480, 640, 3] with a green square in it."""
    pixels = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    pixels[100:200, 300:450] = (40, 200, 60)
    return pixels


class Bench:
    """A workbench whose document does what is wished."""

    def __init__(self, photo: str = PHOTO, object_id: int | None = CHAIR.id) -> None:
        self.view = PhotoView()
        self.bench = Workbench(self.view)
        self.document = Document(State(room()))
        self.photo, self.object_id = photo, object_id
        self.edits: list[Edit] = []
        self.prompts: list[Prompt] = []
        self.bench.edited.connect(self._edited)
        self.bench.asked.connect(self.prompts.append)
        self._show_objects()
        self.bench.show_photo(photo, squares(), self.mask)

    @property
    def mask(self) -> PhotoMask:
        return mask_of(self.document.state.plan, self.photo)

    def use(self, tool: Tool, **options: object) -> None:
        self.bench.show_options(CanvasOptions(tool=tool, **options))

    def at(self, x: float, y: float) -> QPoint:
        """Where in the widget a pixel's middle is."""
        across, down = self.view.sight.widget_place(x + 0.5, y + 0.5)
        return QPoint(round(across), round(down))

    def drag(
        self,
        *places: tuple[float, float],
        keys: Qt.KeyboardModifier = BARE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        """Press, move through `places` of the photo, let go."""
        points = [self.at(*place) for place in places]
        QTest.mousePress(self.view, button, keys, points[0])
        for point in points[1:]:
            QTest.mouseMove(self.view, point)
            QApplication.processEvents()
        QTest.mouseRelease(self.view, button, keys, points[-1])

    def screen(self) -> NDArray[np.uint8]:
        """What is drawn [h, w, 3]."""
        image = self.view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        rows = np.frombuffer(image.constBits(), np.uint8)
        rows = rows.reshape(image.height(), image.bytesPerLine())[:, : 3 * image.width()]
        return rows.reshape(image.height(), image.width(), 3).copy()

    def color(self, x: float, y: float) -> tuple[int, ...]:
        """The colour on the screen at a pixel of the photo."""
        point = self.at(x, y)
        ratio = self.view.devicePixelRatioF()
        return tuple(int(v) for v in self.screen()[int(point.y() * ratio), int(point.x() * ratio)])

    def _edited(self, edit: Edit) -> None:
        self.edits.append(edit)
        self.document.commit(edit)
        self._show_objects()
        self.bench.show_mask(self.mask)

    def _show_objects(self) -> None:
        masks = self.document.state.plan.masks
        self.bench.show_objects(masks, *object_at_hand(masks, self.object_id))


def drag_photo(
    view: PhotoView, *places: tuple[float, float], keys: Qt.KeyboardModifier = BARE
) -> None:
    """Drag in a window that lives, by the pixels of its photo."""
    points = [
        QPoint(*(round(v) for v in view.sight.widget_place(x + 0.5, y + 0.5))) for x, y in places
    ]
    QTest.mousePress(view, LEFT, keys, points[0])
    for point in points[1:]:
        QTest.mouseMove(view, point)
        pause(0.02)
    QTest.mouseRelease(view, LEFT, keys, points[-1])
    pause(0.02)
