"""The dock of the layout: which things there are, which are chosen, and how they stand."""

from PySide6.QtCore import QItemSelectionModel, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QInputDialog, QListWidget, QListWidgetItem, QWidget

from core.scene.document import State
from core.scene.layout import FIRST_COPY, Placement
from core.scene.layout_edits import BringBack, Rename, SetVisible
from core.scene.movable import own_name, shown_placements
from core.segment.masks import color_of
from widgets import theme
from widgets.panels.clean_box import CleanBox
from widgets.panels.floor_box import FloorBox
from widgets.panels.making_line import MakingLine
from widgets.panels.parts import Panel, button, column, label, named, row, rule
from widgets.panels.placement_form import PlacementForm

SWATCH = 14  # logical pixels
ROW = 28


class LayoutPanel(Panel):
    """Shows placements of the state; wishes go out as edits."""

    edited = Signal(object)  # Edit
    chosen = Signal(object)  # tuple of ids
    stand_wanted = Signal(object)  # Stand

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("panel", parent)
        self._state = State()
        self._listed: tuple[Placement, ...] = ()
        self.list = QListWidget()
        named(self.list, self.tr("Things"), self.tr("Click to choose; the tick shows and hides"))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.itemSelectionChanged.connect(self._choose)
        self.list.itemChanged.connect(self._ticked)
        self.list.itemDoubleClicked.connect(self._rename)
        self.hint = label("", "soft", wraps=True)
        self.form = PlacementForm()
        self.form.changed.connect(self.stand_wanted)
        self.back = button(
            self.tr("Bring back deleted"), self.tr("Let deleted things stand where they were")
        )
        self.back.clicked.connect(self._bring_back)
        self.making = MakingLine()
        self.title = label(self.tr("Placement"), "section")
        self.floor = FloorBox()
        below = column(
            row(self.back, -1),
            self.making,
            rule(),
            4,
            self.title,
            self.form,
            4,
            rule(),
            4,
            self.floor,
            spacing=6,
        )
        below.setContentsMargins(12, 6, 12, 12)
        self.standing, self.clean, self.picking = QWidget(), CleanBox(), QWidget()
        self.standing.setLayout(below)
        picking = column(self.clean)
        picking.setContentsMargins(12, 6, 12, 12)
        self.picking.setLayout(picking)
        self.picking.hide()
        head = row(12, label(self.tr("Things"), "section"), -1)
        words = row(12, self.hint, 12)
        self.setLayout(column(8, head, 4, words, self.list, self.standing, self.picking, spacing=0))
        self.setMinimumWidth(240)

    def show_state(self, old: State, new: State) -> None:
        """Show `new`; what did not change is left alone."""
        self._state = new
        fresh = (
            old.content is not new.content
            or old.plan.layout is not new.plan.layout
            or old.plan.masks.objects is not new.plan.masks.objects
        )
        if fresh:
            listed = shown_placements(new)
            if [_face(each) for each in listed] != [_face(each) for each in self._listed] or (
                old.plan.masks.objects is not new.plan.masks.objects
            ):
                self._rebuild(listed)
            self._listed = listed
        if old.plan.layout.ground is not new.plan.layout.ground or not self.floor.words.text():
            self.floor.show_ground(new.plan.layout.ground)
        self._mark(new.placed)
        self.back.setVisible(bool(new.plan.layout.removed))
        self.hint.setText("" if self._listed else self.nothing())
        self.hint.setVisible(not self._listed)

    def show_picking(self, picking: bool) -> None:
        """Show what Gaussians are picked out with, or how the chosen things stand."""
        self.standing.setVisible(not picking)
        self.picking.setVisible(picking)

    def nothing(self) -> str:
        """Why there is nothing to arrange."""
        if self._state.content is None:
            return self.tr("Build the scene first: what is built can be arranged here.")
        return self.tr("No objects yet: mark them in Masks, and they can be arranged here.")

    def name_of(self, placement: Placement) -> str:
        """What it is called."""
        own = own_name(self._state, placement.object_id)
        name = own or self.tr("Object {number}").format(number=placement.object_id)
        if placement.name:
            return placement.name
        if placement.id < FIRST_COPY:
            return name
        return self.tr("{name}, copy {number}").format(
            name=name, number=placement.id - FIRST_COPY + 1
        )

    def _rebuild(self, listed: tuple[Placement, ...]) -> None:
        colors = {each.id: each.color for each in self._state.plan.masks.objects}
        with QSignalBlocker(self.list):
            at = self.list.verticalScrollBar().value()
            self.list.clear()
            for each in listed:
                words = self.name_of(each)
                if each.group:
                    words = self.tr("{name}  (grouped)").format(name=words)
                item = QListWidgetItem(words)
                item.setData(Qt.ItemDataRole.UserRole, each.id)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                ticked = Qt.CheckState.Checked if each.visible else Qt.CheckState.Unchecked
                item.setCheckState(ticked)
                item.setSizeHint(QSize(100, ROW))
                item.setIcon(_swatch(colors.get(each.object_id, color_of(each.object_id))))
                if not each.visible:
                    item.setForeground(QColor(theme.current().faint))
                self.list.addItem(item)
            self.list.verticalScrollBar().setValue(at)

    def _mark(self, placed: tuple[int, ...]) -> None:
        with QSignalBlocker(self.list):
            for i in range(self.list.count()):
                item = self.list.item(i)
                item.setSelected(item.data(Qt.ItemDataRole.UserRole) in placed)
            if len(placed) == 1:
                for i in range(self.list.count()):
                    if self.list.item(i).data(Qt.ItemDataRole.UserRole) == placed[0]:
                        keep = QItemSelectionModel.SelectionFlag.NoUpdate
                        self.list.setCurrentRow(i, keep)

    def _choose(self) -> None:
        ids = [item.data(Qt.ItemDataRole.UserRole) for item in self.list.selectedItems()]
        layout = self._state.plan.layout
        whole = dict.fromkeys(each for id_ in ids for each in layout.members(id_))
        self.chosen.emit(tuple(whole))

    def _ticked(self, item: QListWidgetItem) -> None:
        id_ = item.data(Qt.ItemDataRole.UserRole)
        visible = item.checkState() == Qt.CheckState.Checked
        if self._state.plan.layout.placement(id_).visible != visible:
            self.edited.emit(SetVisible((id_,), visible))

    def _rename(self, item: QListWidgetItem) -> None:
        placement = self._state.plan.layout.placement(item.data(Qt.ItemDataRole.UserRole))
        name, agreed = QInputDialog.getText(
            self, self.tr("Rename"), self.tr("Name"), text=self.name_of(placement)
        )
        if agreed:
            self.edited.emit(Rename(placement.id, name.strip()))

    def _bring_back(self) -> None:
        self.edited.emit(BringBack(tuple(sorted(self._state.plan.layout.removed))))


def _face(placement: Placement) -> tuple[int, int, bool, str, int]:
    """What of a placement the list shows."""
    return (
        placement.id, placement.object_id, placement.visible, placement.name, placement.group,
    )  # fmt: skip


def _swatch(color: str) -> QIcon:
    pixmap = QPixmap(SWATCH, SWATCH)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(theme.current().edge))
    painter.setBrush(QColor(color))
    painter.drawEllipse(1, 1, SWATCH - 3, SWATCH - 3)
    painter.end()
    return QIcon(pixmap)
