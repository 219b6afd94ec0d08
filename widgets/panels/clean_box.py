"""What is picked out of the scene, with what, and what can be done to it."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QPushButton, QSlider, QToolButton, QWidget

from widgets.panels.parts import button, column, icon_button, label, named, row, rule
from widgets.panels.volume_form import VolumeForm
from widgets.viewport.outlines import VOLUMES, Tool

STEPS = 100  # of the slider
FIRST_STRENGTH = 50


class CleanBox(QWidget):
    """Says what is wanted: "erase", "split", "invert", "none", "keep" or "reset"."""

    wanted = Signal(str)
    tool_wanted = Signal(object)  # Tool
    given = Signal(int)  # id of the object that what is picked out is to belong to
    floaters_wanted = Signal(float)  # strength in [0, 1]

    def __init__(self) -> None:
        super().__init__()
        self.tools: dict[Tool, QToolButton] = {}
        for tool, (name, tip, icon) in self._texts().items():
            each = icon_button(name, tip, icon=icon)
            each.setCheckable(True)
            each.clicked.connect(lambda _=False, tool=tool: self.tool_wanted.emit(tool))
            self.tools[tool] = each
        self.words = label("", "strong", wraps=True)
        self.hint = label("", "soft", wraps=True)
        self.erase = self._button("erase", self.tr("Erase"), self.tr("Take it away (Delete)"))
        self.split = self._button(
            "split", self.tr("Split off"), self.tr("Make a thing of its own of it (J)")
        )
        self.give = button(self.tr("Move to…"), self.tr("Let it belong to another thing"))
        self.targets = QMenu(self)
        self.give.setMenu(self.targets)
        self.invert = self._button("invert", self.tr("Invert"), self.tr("All the others (I)"))
        self.none = self._button("none", self.tr("None"), self.tr("Pick out nothing (Esc)"))
        self.keep = self._button("keep", self.tr("Keep inside"), self.tr("Crop: erase all around"))
        self.reset = self._button("reset", self.tr("Reset"), self.tr("Take all cropping back"))
        self.volume = VolumeForm()
        self.strength = QSlider(Qt.Orientation.Horizontal)
        self.strength.setRange(0, STEPS)
        self.strength.setValue(FIRST_STRENGTH)
        named(
            self.strength,
            self.tr("Strength"),
            self.tr("Further right, more counts as a floater"),
        )
        self.strength.valueChanged.connect(self._tell)
        self.percent = label(f"{FIRST_STRENGTH} %", "soft")
        self.search = button(
            self.tr("Select"), self.tr("Pick out what likely floats where nothing is")
        )
        self.search.clicked.connect(self._tell)
        self._lay_out()
        self.show_count(0, None)
        self.show_tool(Tool.LASSO)

    def show_tool(self, tool: Tool) -> None:
        """Which is at work."""
        for each, there in self.tools.items():
            there.setChecked(each is tool)
        self.crop.setVisible(tool in VOLUMES)
        hints = {
            Tool.LASSO: self.tr("Go around what you want."),
            Tool.FRAME: self.tr("Drag across what you want."),
            Tool.BRUSH: self.tr("Brush over what you want; [ and ] change the brush."),
            Tool.BOX: self.tr("Drag the grips: faces, the middle, and the knob that turns."),
            Tool.BALL: self.tr("Drag the grips: the middle, and any other for the size."),
        }
        more = self.tr("Shift adds, Alt takes away; together they leave what is in both.")
        turning = self.tr("Hold Space to turn the view.")
        volume = tool in VOLUMES
        self.hint.setText(hints[tool] if volume else f"{hints[tool]} {more} {turning}")

    def show_count(self, count: int, inside: str | None) -> None:
        """How many Gaussians are picked out; `inside`: the thing that it is done in, if one is."""
        words = self.tr("Nothing is picked out.")
        if count:
            words = self.tr("{count} Gaussians are picked out.").format(count=f"{count:,}")
        where = self.tr("Of {thing}.").format(thing=inside) if inside else ""
        self.words.setText(f"{words} {where}".strip())
        for each in (self.erase, self.split, self.give, self.invert, self.none):
            each.setEnabled(bool(count))

    def show_targets(self, things: list[tuple[int, str]]) -> None:
        """Ids and names of what Gaussians can be moved to."""
        self.targets.clear()
        for id_, name in things:
            self.targets.addAction(name, partial(self.given.emit, id_))

    def show_cropped(self, cropped: bool) -> None:
        self.reset.setEnabled(cropped)

    def strength_now(self) -> float:
        """In [0, 1]."""
        return self.strength.value() / STEPS

    def _tell(self, _value: object = None) -> None:
        self.percent.setText(f"{self.strength.value()} %")
        self.floaters_wanted.emit(self.strength_now())

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        answer = button(text, tip)
        answer.clicked.connect(lambda _=False: self.wanted.emit(name))
        return answer

    def _lay_out(self) -> None:
        self.crop = QWidget()
        self.crop.setLayout(column(self.volume, row(self.keep, self.reset, -1), spacing=6))
        self.setLayout(
            column(
                label(self.tr("Pick out"), "section"),
                row(*self.tools.values(), -1, spacing=4),
                self.hint,
                self.crop,
                4, rule(), 4,
                self.words,
                row(self.erase, self.split, self.give, -1),
                row(self.invert, self.none, -1),
                4, rule(), 4,
                label(self.tr("Likely floaters"), "section"),
                row(self.strength, self.percent, self.search),
                -1,
                spacing=6,
            )
        )  # fmt: skip

    def _texts(self) -> dict[Tool, tuple[str, str, str]]:
        """Name, tip and icon of each."""
        return {
            Tool.LASSO: (self.tr("Lasso"), self.tr("Go around it (L)"), "lasso"),
            Tool.FRAME: (self.tr("Rectangle"), self.tr("Drag a frame over it (M)"), "box"),
            Tool.BRUSH: (self.tr("Brush"), self.tr("Brush over it (B)"), "brush"),
            Tool.BOX: (self.tr("Box"), self.tr("All in a box, or crop by it (K)"), "cube"),
            Tool.BALL: (self.tr("Sphere"), self.tr("All in a ball, or crop by it (O)"), "sphere"),
        }
