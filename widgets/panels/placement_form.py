"""The numbers of what is chosen: where it stands, how it is turned, how large it is."""

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QWidget

from core.scene.arrange import Stand
from widgets.panels.editors import NumberEditor
from widgets.panels.fields import FieldText
from widgets.panels.parts import label

LEAST, MOST = 1.0, 10_000.0  # percent


class PlacementForm(QWidget):
    """Shows a `Stand`; `changed` carries the one that the user wants."""

    changed = Signal(object)  # Stand

    def __init__(self) -> None:
        super().__init__()
        self._stand: Stand | None = None
        self.fields: dict[str, NumberEditor] = {}
        layout = QFormLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        for name, text in self._texts().items():
            field = NumberEditor(text, decimals=1 if name in ("turn", "scale") else 3)
            field.edited.connect(lambda value, name=name: self._wish(name, value))
            self.fields[name] = field
            layout.addRow(label(text.label, "soft"), field)
        self.measures = label("", "soft", wraps=True)
        layout.addRow(label(self.tr("Measures"), "soft"), self.measures)
        self.setLayout(layout)

    def show_stand(self, stand: Stand | None, unit: str) -> None:
        """Show it; `unit` is that of lengths."""
        self._stand = stand
        self.setEnabled(stand is not None)
        if stand is None:
            self.measures.setText("")
            return
        x, y, z = stand.at
        values = {"x": x, "y": y, "z": z}
        values |= {"turn": math.degrees(stand.turn), "scale": 100 * stand.scale}
        for name, field in self.fields.items():
            if not field.box.hasFocus() or abs(field.box.value() - values[name]) > 1e-3:
                field.show_value(values[name])
        for name in "xyz":
            self.fields[name].box.setSuffix(f" {unit}" if unit else "")
        sides = " x ".join(f"{side:.3g}" for side in stand.size)
        self.measures.setText(f"{sides} {unit}".strip())

    def _wish(self, name: str, value: float) -> None:
        now = self._stand
        if now is None:
            return
        if name in "xyz":
            at = now.at.copy()
            at["xyz".index(name)] = value
            wished = replace(now, at=np.asarray(at))
        elif name == "turn":
            wished = replace(now, turn=math.radians(value))
        else:
            wished = replace(now, scale=value / 100)
        self.changed.emit(wished)

    def _texts(self) -> dict[str, FieldText]:
        along = self.tr("Where it stands, in the frame of the scene")
        return {
            "x": FieldText("X", along, -1e6, 1e6, 0.05),
            "y": FieldText(
                self.tr("Height"), self.tr("Of its foot above the floor"), -1e6, 1e6, 0.05
            ),
            "z": FieldText("Z", along, -1e6, 1e6, 0.05),
            "turn": FieldText(
                self.tr("Turn"), self.tr("About the upright axis"), -360, 360, 5, self.tr("degrees")
            ),
            "scale": FieldText(
                self.tr("Size"), self.tr("Of what was captured"), LEAST, MOST, 5, "%"
            ),
        }
