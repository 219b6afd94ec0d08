"""The numbers of the box or sphere that Gaussians are picked out with."""

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QWidget

from widgets.panels.editors import NumberEditor
from widgets.panels.fields import FieldText
from widgets.panels.parts import label
from widgets.viewport.volume import Volume, turn_of, turned_to

AT = ("x", "y", "z")
SIDES = ("wide", "tall", "deep")
LEAST = 1e-3


class VolumeForm(QWidget):
    """Shows a `Volume`; `changed` carries the one that the user wants."""

    changed = Signal(object)  # Volume

    def __init__(self) -> None:
        super().__init__()
        self._volume: Volume | None = None
        self.fields: dict[str, NumberEditor] = {}
        self._rows = QFormLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        for name, text in self._texts().items():
            field = NumberEditor(text, decimals=1 if name == "turn" else 3)
            field.edited.connect(lambda value, name=name: self._wish(name, value))
            self.fields[name] = field
            self._rows.addRow(label(text.label, "soft"), field)
        self.setLayout(self._rows)

    def show_volume(self, volume: Volume | None, unit: str) -> None:
        """Show it; `unit` is that of lengths."""
        self._volume = volume
        self.setVisible(volume is not None)
        if volume is None:
            return
        values = dict(zip(AT, volume.centre.tolist(), strict=True))
        values |= dict(zip(SIDES, (2 * volume.half).tolist(), strict=True))
        values |= {"turn": math.degrees(turn_of(volume)), "radius": float(volume.half[0])}
        for name, field in self.fields.items():
            self._rows.setRowVisible(field, name in AT or volume.ball == (name == "radius"))
            if not field.box.hasFocus() or abs(field.box.value() - values[name]) > 1e-3:
                field.show_value(values[name])
            if name != "turn":
                field.box.setSuffix(f" {unit}" if unit else "")

    def _wish(self, name: str, value: float) -> None:
        now = self._volume
        if now is None:
            return
        if name in AT:
            centre = now.centre.copy()
            centre[AT.index(name)] = value
            wished = replace(now, centre=centre)
        elif name == "turn":
            wished = turned_to(now, math.radians(value))
        elif name == "radius":
            wished = replace(now, half=np.full(3, value))
        else:
            half = now.half.copy()
            half[SIDES.index(name)] = value / 2
            wished = replace(now, half=half)
        self.changed.emit(wished)

    def _texts(self) -> dict[str, FieldText]:
        middle = self.tr("Its middle, in the frame of the scene")
        side = self.tr("From one of its sides to the other")
        return {
            "x": FieldText("X", middle, -1e6, 1e6, 0.05),
            "y": FieldText(
                self.tr("Height"), self.tr("Of its middle above the floor"), -1e6, 1e6, 0.05
            ),
            "z": FieldText("Z", middle, -1e6, 1e6, 0.05),
            "wide": FieldText(self.tr("Width"), side, LEAST, 1e6, 0.05),
            "tall": FieldText(self.tr("Tallness"), side, LEAST, 1e6, 0.05),
            "deep": FieldText(self.tr("Depth"), side, LEAST, 1e6, 0.05),
            "turn": FieldText(
                self.tr("Turn"), self.tr("About the upright axis"), -360, 360, 5, self.tr("degrees")
            ),
            "radius": FieldText(
                self.tr("Radius"), self.tr("From its middle outwards"), LEAST, 1e6, 0.05
            ),
        }
