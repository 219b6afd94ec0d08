"""The dock of what a prior imagined last: each target beside what the scene shows from there."""

from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.prior.imagined import Imagined
from widgets import theme
from widgets.guard import guarded
from widgets.panels.parts import Eliding, Panel, column, named

MOST = 24  # targets that are kept to be seen
GAP = 8  # logical pixels
DIM = 0.35  # what is not relied on is this bright


class PriorTargets(Panel):
    """Shows what it is given, the newest first; holds no more than small pictures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("panel", parent)
        self.setMinimumSize(200, 120)
        self.cost = Eliding(role="soft")
        self.pairs = Pairs()
        named(self, self.tr("What the prior imagined"))
        self.pairs.setToolTip(self.tr("What is dark is not relied on: photos contradict it."))
        inner = column(self.cost, self.pairs, spacing=6)
        inner.setContentsMargins(12, 8, 12, 8)
        inner.setStretch(1, 1)
        self.setLayout(inner)
        self.clear()

    def clear(self) -> None:
        """Forget all targets."""
        self.pairs.clear()
        self.cost.show_text(self.tr("Targets appear here while the scene trains with a prior."))

    def add(self, news: Imagined) -> None:
        """One more target, and what the prior costs."""
        self.pairs.add(news)
        words = self.tr("{seconds} a target, {share} % of the work")
        seconds = self.tr("{count} s").format(count=f"{news.seconds:.2g}")
        self.cost.show_text(words.format(seconds=seconds, share=f"{100 * news.share:.0f}"))


class _Pair(NamedTuple):
    scene: QImage
    target: QImage
    words: str


class Pairs(QWidget):
    """Pictures of the scene above, targets below, as many as fit."""

    def __init__(self) -> None:
        super().__init__()
        self._pairs: deque[_Pair] = deque(maxlen=MOST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def __len__(self) -> int:
        return len(self._pairs)

    def clear(self) -> None:
        self._pairs.clear()
        self._changed()

    def add(self, news: Imagined) -> None:
        relied = self.tr("{part} % sure").format(part=f"{news.relied.mean() / 2.55:.0f}")
        words = relied if news.used else self.tr("not used")
        sure = DIM + (1 - DIM) * news.relied[..., None] / 255
        target = (news.target * sure).astype(np.uint8)
        self._pairs.appendleft(_Pair(_image(news.draft), _image(target), words))
        self._changed()

    def _changed(self) -> None:
        told = [pair.words for pair in self._pairs]
        self.setAccessibleName(self.tr("{count} targets").format(count=len(told)))
        self.setAccessibleDescription("; ".join(told))
        self.update()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._pairs:
            return
        painter, look = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        line = self.fontMetrics().height()
        titles = (self.tr("Scene"), self.tr("Target"))
        left = GAP + max(self.fontMetrics().horizontalAdvance(words) for words in titles)
        high = max(8.0, (self.height() - line - 2 * GAP) / 2)
        painter.setPen(look.soft)
        across = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        for k, words in enumerate(titles):
            area = QRectF(0, k * (high + GAP), left, high)
            painter.drawText(area, int(across), words)
        at = float(left)
        middle = Qt.AlignmentFlag.AlignCenter
        for pair in self._pairs:
            wide = high * pair.scene.width() / pair.scene.height()
            if at + wide > self.width():
                break
            for k, image in enumerate((pair.scene, pair.target)):
                painter.drawImage(QRectF(at, k * (high + GAP), wide, high), image)
            words = self.fontMetrics().elidedText(
                pair.words, Qt.TextElideMode.ElideRight, int(wide)
            )
            painter.drawText(QRectF(at, 2 * (high + GAP) - GAP / 2, wide, line), int(middle), words)
            at += wide + GAP
        painter.end()


def _image(pixels: NDArray[np.uint8]) -> QImage:
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
