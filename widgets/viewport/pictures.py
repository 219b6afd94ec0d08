"""What the viewport has to do with the desktop: pictures in Qt's kind, files, its wishes."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QStyle, QWidget

from core.project.files import replaced, told


def to_image(pixels: NDArray[np.uint8], *, transparent: bool) -> QImage:
    """`pixels` [h, w, 4], straight alpha, as an image with its own memory."""
    h, w = pixels.shape[:2]
    kind = QImage.Format.Format_RGBA8888 if transparent else QImage.Format.Format_RGBX8888
    return QImage(np.ascontiguousarray(pixels).data, w, h, 4 * w, kind).copy()


def save(image: QImage, path: Path) -> None:
    """Write `image` as a PNG; `path` is whole or as it was. Raises `UserError`."""
    content = encoded(image)
    with replaced(path) as file, told(path):
        file.write(content)


def encoded(image: QImage | None) -> bytes:
    """`image` as a PNG; nothing where there is none."""
    content = QByteArray()
    if image is not None and not image.isNull():
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]
        buffer.close()
    return bytes(content.data())


def prefers_rest(widget: QWidget) -> bool:
    """Whether the desktop asks for less motion."""
    if not widget.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration):
        return True
    # From Qt 6.11 on.
    hints = QGuiApplication.styleHints()  # held, for what it owns goes with it
    accessibility = getattr(hints, "accessibility", lambda: None)()
    preference = getattr(accessibility, "motionPreference", None)
    return preference is not None and preference().name == "ReducedMotion"
