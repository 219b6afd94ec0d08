"""The sheet of models: what each job can be done by, what is here, and what can be downloaded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QCheckBox, QDialog, QProgressBar, QScrollArea, QWidget

from widgets.panels.parts import Panel, button, column, label, named, row, rule, set_role

STEPS = 1000


@dataclass(frozen=True)
class ModelRow:
    """One model as it is told: `about` in a line, `standing` in a word or two.

    `part` in [0, 1] of a download that runs. What can be done: `fetch` ("" for nothing, else what
    the button says), `use`, and `point` (name a folder that holds it).
    """

    name: str
    about: str
    standing: str
    good: bool = False
    part: float | None = None
    fetch: str = ""
    use: bool = False
    point: bool = True


@dataclass(frozen=True)
class ModelGroup:
    """The models of one job, and what does it `without` any."""

    title: str
    without: str
    rows: tuple[ModelRow, ...]


class ModelsPage(QDialog):
    """Shows what it is given; wishes are signals that carry the model's name."""

    fetch_wanted = Signal(str)
    stop_wanted = Signal(str)
    use_wanted = Signal(str)
    point_wanted = Signal(str)
    downloads_allowed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Models"))
        self.resize(760, 720)
        self.lines: dict[str, ModelLine] = {}
        self._shape: tuple[tuple[str, tuple[str, ...]], ...] = ()
        words = self.tr(
            "Maquette works without any of these. Nothing is downloaded without being asked for."
        )
        self.allow = QCheckBox(self.tr("Allow downloads"))
        named(
            self.allow,
            self.tr("Allow downloads"),
            self.tr("Off: Maquette never asks the hub for anything"),
        )
        self.allow.toggled.connect(self.downloads_allowed)
        self.place = label("", "soft", wraps=True)
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        close = button(self.tr("Close"), self.tr("Close this sheet (Esc)"), role="primary")
        close.clicked.connect(self.accept)
        head = row(label(words, "", wraps=True), self.allow)
        head.setStretch(0, 1)
        foot = row(self.place, close)
        foot.setStretch(0, 1)
        whole = column(head, self.area, foot, spacing=10)
        whole.setContentsMargins(16, 16, 16, 12)
        self.setLayout(whole)

    def show_models(self, groups: Sequence[ModelGroup], *, downloads: bool, place: str) -> None:
        """Show these. Nothing is emitted."""
        self.allow.blockSignals(True)
        self.allow.setChecked(downloads)
        self.allow.blockSignals(False)
        self.place.setText(self.tr("Downloads lie in {place}").format(place=place))
        shape = tuple((g.title, tuple(each.name for each in g.rows)) for g in groups)
        if shape != self._shape:
            self._shape = shape
            self._rebuild(groups)
        for group in groups:
            for each in group.rows:
                self.lines[each.name].show_row(each)

    def _rebuild(self, groups: Sequence[ModelGroup]) -> None:
        self.lines.clear()
        page = Panel("panel")
        parts: list[QWidget | int] = []
        for group in groups:
            parts += [label(group.title, "section")]
            words = self.tr("Without any: {what}.").format(what=group.without)
            parts += [label(words, "soft", wraps=True)]
            for each in group.rows:
                line = self.lines[each.name] = ModelLine(each.name)
                line.fetch.clicked.connect(self._emitter(each.name, self.fetch_wanted))
                line.stop.clicked.connect(self._emitter(each.name, self.stop_wanted))
                line.use.clicked.connect(self._emitter(each.name, self.use_wanted))
                line.point.clicked.connect(self._emitter(each.name, self.point_wanted))
                parts += [line]
            parts += [rule()]
        inner = column(*parts, -1, spacing=8)
        inner.setContentsMargins(14, 12, 14, 14)
        page.setLayout(inner)
        self.area.setWidget(page)

    def _emitter(self, name: str, signal: SignalInstance) -> Callable[[], None]:
        def tell(_: bool = False) -> None:
            signal.emit(name)

        return tell


class ModelLine(QWidget):
    """One model, with what can be done about it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._shown: ModelRow | None = None
        self.about = label("", "soft", wraps=True)
        self.standing = label("", "soft")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setRange(0, STEPS)
        named(self.bar, self.tr("Download of {name}").format(name=name))
        self.fetch = button("", self.tr("Download {name}").format(name=name))
        self.stop = button(
            self.tr("Stop"), self.tr("Keep what has come, and go on from there another time")
        )
        self.use = button(self.tr("Use"), self.tr("Use {name} from now on").format(name=name))
        where = self.tr("Name the file or folder that holds {name}").format(name=name)
        self.point = button(self.tr("Folder…"), where)
        title = row(label(name, "strong"), -1, self.standing)
        acts = row(self.about, self.fetch, self.stop, self.use, self.point, spacing=6)
        acts.setStretch(0, 1)
        self.setLayout(column(title, acts, self.bar, spacing=4))

    def show_row(self, shown: ModelRow) -> None:
        """Show `shown`, which is of the same model."""
        if shown == self._shown:
            return
        self._shown = shown
        self.about.setText(shown.about)
        self.standing.setText(shown.standing)
        set_role(self.standing, "good" if shown.good else "soft")
        loads = shown.part is not None
        self.bar.setVisible(loads)
        self.bar.setValue(round(STEPS * (shown.part or 0.0)))
        self.fetch.setText(shown.fetch)
        self.fetch.setAccessibleName(shown.fetch)
        self.fetch.setVisible(bool(shown.fetch) and not loads)
        self.stop.setVisible(loads)
        self.use.setVisible(shown.use)
        self.point.setVisible(shown.point and not loads)
