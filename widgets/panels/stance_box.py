"""How a lone photo was taken: what was found, and numbers to put it right."""

import math
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QSizePolicy, QWidget

from core.scene.photo_edits import SetStance
from core.single.looked import Looked
from core.single.stance import (
    UNTOLD,
    Source,
    Stance,
    film,
    from_film,
    horizon_of,
    tilt_of,
    up_of,
    up_tilted,
)
from widgets.panels.editors import NumberEditor
from widgets.panels.fields import FieldText
from widgets.panels.parts import button, column, label, row

SAME = 1e-3  # numbers that differ by less are one


class StanceBox(QWidget):
    """Shows a `Looked` with what is told now; hidden while there is none."""

    edited = Signal(object)  # SetStance
    lines_wanted = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._looked: Looked | None = None
        self._stance = UNTOLD
        self.fields: dict[str, NumberEditor] = {}
        rows = QFormLayout()
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(12)
        for name, text in self._texts().items():
            field = NumberEditor(text, decimals=1)
            field.edited.connect(lambda value, name=name: self._wish(name, value))
            self.fields[name] = field
            caption = label(text.label, "soft")
            # As high as its editor, so that the two are on one line.
            caption.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
            rows.addRow(caption, field)
        self.words = label("", "soft", wraps=True)
        self.lines = QCheckBox(self.tr("Show lines on the photo"))
        self.lines.setAccessibleName(self.lines.text())
        self.lines.setToolTip(
            self.tr("Edges by their direction, and the horizon, which can be dragged")
        )
        self.lines.setChecked(True)
        self.lines.toggled.connect(self.lines_wanted)
        self.reset = button(
            self.tr("As found"), self.tr("Forget what was told: focal length and horizon as found"),
            icon="put-back",
        )  # fmt: skip
        self.reset.clicked.connect(lambda _=False: self._edit(UNTOLD, self._labels()["reset"]))
        title = label(self.tr("How it was taken"), "section")
        inner = column(title, rows, self.words, self.lines, row(self.reset, -1), spacing=6)
        inner.setContentsMargins(0, 0, 0, 10)
        self.setLayout(inner)
        self.hide()

    def show_looked(self, looked: Looked | None, stance: Stance) -> None:
        """Show what was found, and what the user says."""
        self._looked, self._stance = looked, stance
        self.setVisible(looked is not None)
        if looked is None:
            return
        for name, value in self._numbers(looked).items():
            field = self.fields[name]
            if not field.box.hasFocus() or abs(field.box.value() - value) > SAME:
                field.show_value(value)
        self.words.setText(self._said(looked))
        self.reset.setEnabled(stance != UNTOLD)

    def _focal(self, looked: Looked) -> float:
        """In longer sides."""
        return self._stance.focal or looked.focal

    def _numbers(self, looked: Looked) -> dict[str, float]:
        focal, wide, tall = self._focal(looked), looked.width, looked.height
        horizon = self._stance.horizon or looked.horizon
        pitch, roll = tilt_of(up_of(horizon, focal * max(wide, tall), wide, tall))
        lens = film(focal, wide, tall)
        return {"focal": lens, "pitch": math.degrees(pitch), "roll": math.degrees(roll)}

    def _said(self, looked: Looked) -> str:
        longest, focal = max(looked.width, looked.height), self._focal(looked)
        across, along = (
            math.degrees(2 * math.atan(side / longest / 2 / focal))
            for side in (looked.width, looked.height)
        )
        seen = self.tr("It sees {across} by {along} degrees.").format(
            across=round(across), along=round(along)
        )
        source = Source.USER if self._stance.focal else looked.source
        lens = {
            Source.USER: self.tr("The focal length is yours."),
            Source.KNOWN: self.tr("The focal length is from the photo's file."),
            Source.EDGES: self.tr("The focal length is told by edges that run together."),
            Source.USUAL: self.tr("Too few edges tell the focal length: a usual one is taken."),
        }[source]
        if self._stance.horizon is not None:
            level = self.tr("The horizon is yours.")
        elif looked.leveled:
            level = self.tr("The horizon is where level edges vanish.")
        else:
            level = self.tr("Nothing tells the horizon: the camera is taken to be level.")
        return f"{seen} {lens} {level}"

    def _wish(self, name: str, value: float) -> None:
        looked = self._looked
        if looked is None:
            return
        wide, tall = looked.width, looked.height
        if name == "focal":
            stance = replace(self._stance, focal=from_film(value, wide, tall))
        else:
            # An angle means something with this focal length only, so that is held as well.
            numbers, focal = {**self._numbers(looked), name: value}, self._focal(looked)
            up = up_tilted(math.radians(numbers["pitch"]), math.radians(numbers["roll"]))
            horizon = horizon_of(up, focal * max(wide, tall), wide, tall)
            stance = Stance(focal, horizon)
        self._edit(stance, self._labels()[name])

    def _edit(self, stance: Stance, words: str) -> None:
        if self._looked is not None:
            self.edited.emit(SetStance(self._looked.photo.name, stance, words))

    def _labels(self) -> dict[str, str]:
        return {
            "focal": "Set the focal length",
            "pitch": "Tilt the camera",
            "roll": "Turn the camera",
            "reset": "Take the photo as found",
        }

    def _texts(self) -> dict[str, FieldText]:
        lens = self.tr("As on a camera for 35 mm film; phones tell it so, most have 24 to 28 mm")
        pitch = self.tr("How far the camera looks up; below 0 it looks down")
        roll = self.tr("How far the camera leans to the right")
        return {
            "focal": FieldText(self.tr("Focal length"), lens, 10, 500, 1, "mm"),
            "pitch": FieldText(self.tr("Pitch"), pitch, -75, 75, 1, self.tr("degrees")),
            "roll": FieldText(self.tr("Roll"), roll, -35, 35, 1, self.tr("degrees")),
        }
