"""What is to be exported and how, as a form: a format, which objects, and what the format asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from core.export.wish import Format, Wish, amount, estimated_bytes
from core.mesh.values import MeshSettings
from core.scene.layout import Layout
from widgets.panels.editors import NumberEditor
from widgets.panels.fields import FieldText
from widgets.panels.parts import label, named

translate = QCoreApplication.translate

FEWEST_TRIANGLES, MOST_TRIANGLES, TRIANGLE_STEP = 100, 1_000_000, 1000
TEXTURES = (256, 512, 1024, 2048, 4096)
ROW = 26  # logical pixels
LISTED = 5  # objects that are seen at once


class Kind(Enum):
    """What the user chooses of: GLB is three things."""

    PLY = auto()
    COMPRESSED = auto()
    SPZ = auto()
    MESHES = auto()
    SPLATS = auto()
    BOTH = auto()

    @property
    def form(self) -> Format:
        """The format of its file."""
        forms = {Kind.PLY: Format.PLY, Kind.COMPRESSED: Format.COMPRESSED, Kind.SPZ: Format.SPZ}
        return forms.get(self, Format.GLB)

    @property
    def has_meshes(self) -> bool:
        """Whether meshes are made for it."""
        return self in (Kind.MESHES, Kind.BOTH)


@dataclass(frozen=True, eq=False)
class Exportable:
    """What there is to export: the object `ids` [N] of Gaussians with colours of `degree`.

    `names` of objects by id; `chosen`: those at hand; `photos`: whether there are any that meshes
    can be made with.
    """

    ids: NDArray[np.int32]
    degree: int
    layout: Layout = field(default_factory=Layout)
    names: Mapping[int, str] = field(default_factory=dict)
    chosen: frozenset[int] = frozenset()
    photos: bool = False


class ExportForm(QWidget):
    """`changed` tells that something was chosen; `kind`, `wish` and `file_size` say what."""

    changed = Signal()

    def __init__(self, there: Exportable) -> None:
        super().__init__()
        self._there = there
        self.kinds = QComboBox()
        named(self.kinds, self.tr("Format"), self.tr("What other programs are to read"))
        for kind, words in self._kinds().items():
            if there.photos or not kind.has_meshes:
                self.kinds.addItem(words[0], kind)
        self.about = label("", "soft", wraps=True)
        self.part = QComboBox()
        named(self.part, self.tr("What"), self.tr("All of the scene, or some of its objects"))
        self.part.addItem(self.tr("The whole scene"), False)
        self.part.addItem(self.tr("Some objects"), True)
        self.objects = self._listed()
        self.visible = QCheckBox(self.tr("Leave out what is hidden"))
        self.extras = QCheckBox(self.tr("With object, origin and confidence"))
        tip = self.tr("Columns of our own for each Gaussian, which other programs ignore")
        named(self.extras, self.extras.text(), tip)
        self.extras.setChecked(True)
        self.up = QComboBox()
        named(self.up, self.tr("Up"), self.tr("PLY has no rule; many viewers take y to point down"))
        self.up.addItem(self.tr("y points up, as shown here"), False)
        self.up.addItem(self.tr("y points down, as in SuperSplat"), True)
        self.triangles, self.texture = self._quality()
        self.sized = label("", "strong")
        self._arrange()
        self.kinds.currentIndexChanged.connect(self._tell)
        self.part.currentIndexChanged.connect(self._tell)
        self.objects.itemChanged.connect(self._tell)
        for box in (self.visible, self.extras):
            box.toggled.connect(self._tell)
        self.triangles.edited.connect(self._tell)
        for choice in (self.texture, self.up):
            choice.currentIndexChanged.connect(self._tell)
        if there.chosen:
            self.part.setCurrentIndex(1)
        self._tell()

    @property
    def kind(self) -> Kind:
        kind: Kind = self.kinds.currentData()
        return kind

    @property
    def suffix(self) -> str:
        """Of the file."""
        return self.kind.form.value

    @property
    def wish(self) -> Wish:
        """What was chosen."""
        kind, some = self.kind, self.part.currentData()
        settings = MeshSettings(int(self.triangles.box.value()), self.texture.currentData())
        return Wish(
            objects=frozenset(self._ticked()) if some else None,
            visible=self.visible.isChecked(),
            extras=self.extras.isChecked(),
            y_down=self.up.currentData(),
            splats=kind is not Kind.MESHES,
            meshes=settings if kind.has_meshes else None,
        )

    @property
    def file_size(self) -> int:
        """About how many bytes that will be; 0 where nothing is left."""
        there = self._there
        rows, ids = amount(there.ids, there.layout, self.wish)
        return estimated_bytes(self.kind.form, self.wish, rows, there.degree, ids) if rows else 0

    def choose(self, kind: Kind) -> None:
        """Show this kind."""
        self.kinds.setCurrentIndex(max(0, self.kinds.findData(kind)))

    def _arrange(self) -> None:
        rows = self._rows = QFormLayout()
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(12)
        rows.setVerticalSpacing(8)
        rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        rows.addRow(label(self.tr("Format")), self.kinds)
        rows.addRow(label(""), self.about)
        rows.addRow(label(self.tr("What")), self.part)
        rows.addRow(label(""), self.objects)
        rows.addRow(label(""), self.visible)
        rows.addRow(label(""), self.extras)
        rows.addRow(label(self.tr("Up")), self.up)
        rows.addRow(label(self.tr("Triangles")), self.triangles)
        rows.addRow(label(self.tr("Texture")), self.texture)
        rows.addRow(label(self.tr("Size")), self.sized)
        self.setLayout(rows)

    def _listed(self) -> QListWidget:
        objects = QListWidget()
        named(objects, self.tr("Objects"), self.tr("The ticked ones are exported"))
        there = self._there
        for id_ in np.unique(there.ids).tolist():
            usual = self.tr("Object {number}").format(number=id_) if id_ else self.tr("Background")
            item = QListWidgetItem(there.names.get(id_) or usual)
            item.setData(Qt.ItemDataRole.UserRole, id_)
            item.setSizeHint(QSize(100, ROW))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            ticked = id_ in there.chosen or not there.chosen
            item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
            objects.addItem(item)
        shown = min(max(objects.count(), 2), LISTED)
        objects.setFixedHeight(shown * ROW + 4)
        return objects

    def _quality(self) -> tuple[NumberEditor, QComboBox]:
        words = FieldText(
            self.tr("Triangles"),
            self.tr("The most of one object's mesh"),
            FEWEST_TRIANGLES,
            MOST_TRIANGLES,
            TRIANGLE_STEP,
        )
        triangles, usual = NumberEditor(words), MeshSettings()
        triangles.show_value(usual.triangles)
        texture = QComboBox()
        named(texture, self.tr("Texture"), self.tr("The largest picture of one object"))
        for side in TEXTURES:
            texture.addItem(self.tr("{side} x {side} at most").format(side=side), side)
        texture.setCurrentIndex(TEXTURES.index(usual.texture))
        return triangles, texture

    def _ticked(self) -> list[int]:
        items = (self.objects.item(i) for i in range(self.objects.count()))
        ticked = Qt.CheckState.Checked
        return [i.data(Qt.ItemDataRole.UserRole) for i in items if i.checkState() == ticked]

    def _tell(self) -> None:
        kind = self.kind
        ply = kind.form in (Format.PLY, Format.COMPRESSED)
        with QSignalBlocker(self):
            self.about.setText(self._kinds()[kind][1])
            shown: dict[QWidget, bool] = {
                self.objects: self.part.currentData(),
                self.extras: kind is Kind.PLY,
                self.up: ply,
                self.triangles: kind.has_meshes,
                self.texture: kind.has_meshes,
            }
            for widget, there in shown.items():
                self._rows.setRowVisible(widget, there)
            self.sized.setText(self._size_words())
        self.changed.emit()

    def _size_words(self) -> str:
        size = self.file_size
        if not size:
            return self.tr("nothing is chosen")
        if self.kind.has_meshes:
            return self.tr("at most {size}").format(size=bytes_words(size))
        return self.tr("about {size}").format(size=bytes_words(size))

    def _kinds(self) -> dict[Kind, tuple[str, str]]:
        """How each is called, and what it is for."""
        return {
            Kind.PLY: (
                self.tr("PLY, Gaussians"),
                self.tr("Every program that shows splats reads it. Nothing is rounded."),
            ),
            Kind.COMPRESSED: (
                self.tr("Compressed PLY, Gaussians"),
                self.tr("A quarter of the size; for SuperSplat and PlayCanvas."),
            ),
            Kind.SPZ: (
                self.tr("SPZ, Gaussians"),
                self.tr("A tenth of the size, for phones and the web. y points up."),
            ),
            Kind.MESHES: (
                self.tr("GLB, meshes with pictures"),
                self.tr("For Blender, game engines and other 3D programs; made in minutes."),
            ),
            Kind.SPLATS: (
                self.tr("GLB, Gaussians"),
                self.tr("The standard's own way for splats, an object a node. y points up."),
            ),
            Kind.BOTH: (
                self.tr("GLB, meshes and Gaussians"),
                self.tr("Both in one file, side by side in each object's node."),
            ),
        }


def bytes_words(size: int) -> str:
    """ "850 kB", "15.7 MB", "1.2 GB"."""
    for unit, words in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= 0.9995 * unit:
            value = size / unit
            return f"{value:.0f} {words}" if value >= 99.5 else f"{value:.1f} {words}"
    return translate("Export", "{count} bytes").format(count=size)
