"""The bar of what belongs to the tool at hand, and of how photo and masks are shown."""

import math
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QSizePolicy, QSlider, QSpinBox, QWidget

from widgets.canvas.options import (
    LARGEST_BRUSH,
    SMALLEST_BRUSH,
    CanvasOptions,
    Shown,
    Tool,
)
from widgets.panels.parts import Eliding, Panel, label, mark, named, row
from widgets.panels.segments import Segments

FINE = 1000  # steps of a slider
NARROW = 76  # logical pixels
WIDE = 200


class OptionsBar(Panel):
    """Shows the options; `changed` carries those that the user wants."""

    changed = Signal(object)  # CanvasOptions
    words_wanted = Signal(str)  # what is to be found by its name

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("bar", parent)
        self._options = CanvasOptions()
        self.brush = _slider(self.tr("Size of the brush"), self.tr("Smaller [, larger ]"))
        self.brush.valueChanged.connect(lambda v: self._want(brush=_brush(v)))
        self.brush_told = label("", "soft")
        self.brush_told.setMinimumWidth(52)
        self.tolerance = QSpinBox()
        self.tolerance.setRange(0, 255)
        self.tolerance.setKeyboardTracking(False)
        named(
            self.tolerance,
            self.tr("Tolerance"),
            self.tr("How far colours may be from that of the pixel clicked on"),
        )
        self.tolerance.valueChanged.connect(lambda v: self._want(tolerance=v))
        self.everywhere = _box(
            self.tr("All of the photo"), self.tr("Also what does not hang together with the click")
        )
        self.everywhere.toggled.connect(lambda on: self._want(everywhere=on))
        self.spares = _box(
            self.tr("Spare other objects"), self.tr("Paint only where no other object is")
        )
        self.spares.toggled.connect(lambda on: self._want(spares=on))
        self.hint = Eliding("", "soft")
        self.hint.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        size, tolerance = label(self.tr("Size"), "soft"), label(self.tr("Tolerance"), "soft")
        self._of_brush: list[QWidget] = [size, self.brush, self.brush_told]
        self._of_wand: list[QWidget] = [tolerance, self.tolerance, self.everywhere]
        self.words = QLineEdit()
        self.words.setMaximumWidth(WIDE)
        self.words.returnPressed.connect(self._words_given)
        self._of_pick: list[QWidget] = [self.words]
        self.show_words_missing("")
        line = row(
            *self._of_brush,
            *self._of_wand,
            *self._of_pick,
            self.spares,
            self.hint,
            *self._looks(),
            spacing=8,
        )
        line.setContentsMargins(10, 4, 10, 4)
        self.setLayout(line)
        self.show_options(self._options)

    def show_options(self, options: CanvasOptions) -> None:
        """Show these; nothing is emitted."""
        self._options = options
        for slider, value in (
            (self.brush, _place(options.brush)),
            (self.opacity, round(FINE * options.opacity)),
            (self.brightness, round(FINE * (options.brightness + 1) / 2)),
        ):
            with QSignalBlocker(slider):
                slider.setValue(value)
        with QSignalBlocker(self.tolerance):
            self.tolerance.setValue(options.tolerance)
        for box, on in ((self.everywhere, options.everywhere), (self.spares, options.spares)):
            with QSignalBlocker(box):
                box.setChecked(on)
        self.shown.show_choice(options.shown.value)
        self.brush_told.setText(self.tr("{size} px").format(size=round(options.brush)))
        for parts, tools in (
            (self._of_brush, (Tool.BRUSH, Tool.ERASER)),
            (self._of_wand, (Tool.WAND,)),
            (self._of_pick, (Tool.PICK,)),
        ):
            for part in parts:
                part.setVisible(options.tool in tools)
        self.hint.show_text(self._hints()[options.tool])

    def show_words_missing(self, sentence: str) -> None:
        """What is missing to find objects by words; "" for nothing."""
        self.words.setEnabled(not sentence)
        told = self.tr("Enter finds what has this name; commas part several (Ctrl+F)")
        named(self.words, self.tr("What to find"), sentence or told)
        shown = self.tr("Not by words") if sentence else self.tr("By words: chair, lamp")
        self.words.setPlaceholderText(shown)

    def _words_given(self) -> None:
        words = self.words.text().strip()
        if words:
            self.words_wanted.emit(words)

    def _looks(self) -> tuple[QWidget, ...]:
        words = {
            Shown.FILL: (self.tr("Fill"), self.tr("Colour the objects")),
            Shown.OUTLINE: (self.tr("Outline"), self.tr("Draw the borders alone")),
            Shown.NOTHING: (self.tr("Photo"), self.tr("Show the photo alone (H)")),
        }
        choices = [(each.value, *words[each]) for each in Shown]
        self.shown = Segments(choices, self.tr("How objects are shown"))
        self.shown.chosen.connect(lambda key: self._want(shown=Shown(key)))
        self.opacity = _slider(self.tr("Strength"), self.tr("How strongly objects are coloured"))
        self.opacity.valueChanged.connect(lambda v: self._want(opacity=v / FINE))
        self.brightness = _slider(self.tr("Brightness"), self.tr("Of the photo, only on screen"))
        self.brightness.valueChanged.connect(lambda v: self._want(brightness=2 * v / FINE - 1))
        return (
            mark("brightness", "soft", 16), self.brightness,
            mark("shading-alpha", "soft", 16), self.opacity, self.shown,
        )  # fmt: skip

    def _hints(self) -> dict[Tool, str]:
        asked = self.tr("Click on the object; Alt-click on what is not it")
        return {
            Tool.INSIDE: asked,
            Tool.OUTSIDE: self.tr("Click on what is not the object; Alt-click on the object"),
            Tool.BOX: self.tr("Draw a box around the object"),
            Tool.PICK: self.tr("Click takes what lights up; Tab: something larger"),
            Tool.LASSO: self.tr("Alt takes away"),
            Tool.BRUSH: self.tr("Alt takes away, Shift draws a line"),
            Tool.ERASER: self.tr("Alt paints, Shift draws a line"),
            Tool.WAND: self.tr("Alt takes away"),
        }

    def _want(self, **changes: object) -> None:
        self.changed.emit(replace(self._options, **changes))  # type: ignore[arg-type]


def _brush(value: int) -> float:
    """Sizes grow by the same part at each step."""
    return float(round(SMALLEST_BRUSH * (LARGEST_BRUSH / SMALLEST_BRUSH) ** (value / FINE)))


def _place(brush: float) -> int:
    whole = math.log(LARGEST_BRUSH / SMALLEST_BRUSH)
    return round(FINE * math.log(max(brush, SMALLEST_BRUSH) / SMALLEST_BRUSH) / whole)


def _slider(name: str, tip: str) -> QSlider:
    answer = QSlider(Qt.Orientation.Horizontal)
    answer.setRange(0, FINE)
    answer.setPageStep(FINE // 10)
    answer.setFixedWidth(NARROW)
    answer.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    named(answer, name, f"{name}: {tip}")
    return answer


def _box(text: str, tip: str) -> QCheckBox:
    answer = QCheckBox(text)
    answer.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    named(answer, text, tip)
    return answer
