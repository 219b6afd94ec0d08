"""How one photo of the strip is drawn: a box to tick, its picture, its name and its status."""

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from core.segment.labels import Standing as MaskStanding
from widgets import icons, theme
from widgets.guard import guarded, guarded_with
from widgets.panels import mask_standing
from widgets.panels.photo_model import THUMBNAIL, PhotoModel, Role
from widgets.panels.photo_status import ROLES, PhotoStatus, Standing

HEIGHT = 66  # logical pixels, as all below
BOX = 16
MARGIN = 8
BADGE = 14
MASK = 18
GREYED = (Standing.EXCLUDED, Standing.LEFT_OUT)


class PhotoDelegate(QStyledItemDelegate):
    """Draws the rows of a `PhotoModel`; a click into the box ticks it."""

    @guarded_with(lambda: QSize(200, HEIGHT))
    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(200, HEIGHT)

    @guarded
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        status: PhotoStatus = index.data(Role.STATUS)
        area: QRect = option.rect
        _ground(painter, option, area)
        checked = index.data(Qt.ItemDataRole.CheckStateRole)
        if checked is not None:
            _tick(painter, box(area), Qt.CheckState(checked) == Qt.CheckState.Checked)
        picture = QRect(box(area).right() + MARGIN + 1, 0, THUMBNAIL.width(), THUMBNAIL.height())
        picture.moveTop(area.center().y() - THUMBNAIL.height() // 2 + 1)
        _picture(painter, picture, index.data(Role.THUMBNAIL), status)
        left = picture.right() + MARGIN + 3
        words = QRect(left, area.top(), area.right() - left - MARGIN, area.height())
        _words(painter, option, words, index.data(Qt.ItemDataRole.DisplayRole), status)
        painter.restore()

    @guarded
    def editorEvent(
        self,
        event: QEvent,
        model: object,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        if event.type() != QEvent.Type.MouseButtonRelease or not isinstance(event, QMouseEvent):
            return False
        checked = index.data(Qt.ItemDataRole.CheckStateRole)
        area = box(option.rect).adjusted(-5, -5, 5, 5)
        if checked is None or not area.contains(event.position().toPoint()):
            return False
        assert isinstance(model, PhotoModel)
        now = Qt.CheckState(checked) == Qt.CheckState.Checked
        turned = Qt.CheckState.Unchecked if now else Qt.CheckState.Checked
        return model.setData(index, turned, Qt.ItemDataRole.CheckStateRole)


def box(row: QRect) -> QRect:
    """Where in a row the box to tick is."""
    return QRect(row.left() + MARGIN, row.center().y() - BOX // 2 + 1, BOX, BOX)


def _ground(painter: QPainter, option: QStyleOptionViewItem, area: QRect) -> None:
    look = theme.current()
    state: QStyle.StateFlag = option.state
    inner = QRectF(area).adjusted(3, 1.5, -3, -1.5)
    painter.setPen(Qt.PenStyle.NoPen)
    if state & QStyle.StateFlag.State_Selected:
        painter.setBrush(QColor(look.chosen))
        painter.drawRoundedRect(inner, look.radius, look.radius)
    elif state & QStyle.StateFlag.State_MouseOver:
        painter.setBrush(QColor(look.hover))
        painter.drawRoundedRect(inner, look.radius, look.radius)
    if state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QPen(QColor(look.accent), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(inner, look.radius, look.radius)


def _tick(painter: QPainter, area: QRect, checked: bool) -> None:
    look = theme.current()
    painter.setPen(QPen(QColor(look.accent if checked else look.faint), 1))
    painter.setBrush(QColor(look.accent if checked else look.field))
    painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    if checked:
        icons.paint(painter, "check", look.on_accent, QRectF(area).adjusted(2, 2, -2, -2))


def _picture(painter: QPainter, area: QRect, picture: QImage | None, status: PhotoStatus) -> None:
    look = theme.current()
    shape = QPainterPath()
    shape.addRoundedRect(QRectF(area), 4, 4)
    painter.save()
    painter.setClipPath(shape)
    painter.fillRect(area, QColor(look.field))
    if picture is not None:
        painter.setOpacity(0.35 if status.standing in GREYED else 1.0)
        painter.drawImage(QRectF(area), picture, _middle(picture, area))
    else:
        painter.setOpacity(0.6)
        square = QRectF(0, 0, 22, 22)
        square.moveCenter(QRectF(area).center())
        icons.paint(painter, "photos", look.faint, square)
    painter.restore()
    if status.mask is not MaskStanding.NONE:
        _mask(painter, area, status.mask)


def _mask(painter: QPainter, area: QRect, standing: MaskStanding) -> None:
    """Whose the photo's mask is, in the picture's corner."""
    look = theme.current()
    corner = QRectF(0, 0, MASK, MASK)
    corner.moveBottomRight(QRectF(area).bottomRight() - QPointF(2, 2))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(look.panel))
    painter.drawRoundedRect(corner, 5, 5)
    color = getattr(look, mask_standing.ROLES[standing])
    icons.paint(painter, mask_standing.ICONS[standing], color, corner.adjusted(2, 2, -2, -2))


def _middle(picture: QImage, area: QRect) -> QRectF:
    """The middle part of `picture` that fills `area` without being stretched."""
    scale = min(picture.width() / area.width(), picture.height() / area.height())
    part = QRectF(0, 0, area.width() * scale, area.height() * scale)
    part.moveCenter(QRectF(picture.rect()).center())
    return part


def _words(
    painter: QPainter, option: QStyleOptionViewItem, area: QRect, name: str, status: PhotoStatus
) -> None:
    look = theme.current()
    greyed = status.standing in GREYED
    font = QFont(option.font)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    line = painter.fontMetrics().height()
    font.setWeight(QFont.Weight.Normal)
    room = area.width() - BADGE - 5
    lines = wrapped(status.words, QFontMetrics(font), room)
    top = area.center().y() - (line * (1 + len(lines)) + 3) // 2 + 1
    first = QRect(area.left(), top, area.width(), line)
    painter.setPen(QColor(look.soft if greyed else look.text))
    shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, first.width())
    painter.drawText(first, Qt.AlignmentFlag.AlignVCenter, shown)

    color = getattr(look, ROLES[status.standing])
    below = top + line + 3
    badge = QRectF(area.left(), below + (line - BADGE) / 2, BADGE, BADGE)
    icons.paint(painter, status.standing.value, color, badge)
    painter.setFont(font)
    painter.setPen(QColor(color))
    for i, words in enumerate(lines):
        place = QRect(area.left() + BADGE + 5, below + i * line, room, line)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)


def wrapped(words: str, metrics: QFontMetrics, width: int) -> list[str]:
    """`words` in one line, or two of which the second ends in "…" where even that is too short."""
    parts = words.split(" ")
    fits = len(parts)
    while fits > 1 and metrics.horizontalAdvance(" ".join(parts[:fits])) > width:
        fits -= 1
    lines = [" ".join(parts[:fits]), " ".join(parts[fits:])]
    return [metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines if line]
