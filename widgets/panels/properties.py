"""The dock of properties: what is asked of the build, and facts of the photo and the scene."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QScrollArea, QWidget

from core.pipeline.settings import PRESETS, Preset, Settings
from core.scene.document import State
from core.scene.edits import ChangeSettings
from core.single.looked import Looked
from core.single.stance import UNTOLD
from widgets import icons
from widgets.panels.facts import photo_facts, scene_facts
from widgets.panels.fields import Form
from widgets.panels.parts import Panel, button, column, label, mark, row, rule
from widgets.panels.prior_choice import PriorEditor
from widgets.panels.segments import Segments
from widgets.panels.settings_words import (
    changed_words,
    is_preset,
    preset_words,
    settings_texts,
)
from widgets.panels.stance_box import StanceBox

Facts = Sequence[tuple[str, str]]


class Properties(QScrollArea):
    """Shows the settings of the state, and what is known; `edited` carries changes of settings."""

    edited = Signal(object)  # ChangeSettings or SetStance

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumWidth(240)
        words = preset_words()
        self.presets = Segments(
            [(preset.value, *words[preset]) for preset in Preset], self.tr("Quality")
        )
        self.presets.chosen.connect(self._choose_preset)
        self.about = label("", "soft", wraps=True)
        self.more = button(
            self.tr("More"), self.tr("Show or hide the single settings"),
            icon="chevron-right", role="fold",
        )  # fmt: skip
        self.more.setCheckable(True)
        self.more.toggled.connect(self._fold)
        texts, own = settings_texts(), {"prior": PriorEditor}
        self.form = Form(Settings, texts, only=tuple(texts), editors=own)
        self.form.changed.connect(self._change)
        self.photo = FactSheet(self.tr("Selected photo"))
        self.scene = FactSheet(self.tr("Scene"))
        self.stance = StanceBox()
        self.stance.edited.connect(self.edited)
        self._looked: Looked | None = None
        self.warnings = column(spacing=6)
        self._settings: Settings | None = None
        page = Panel("panel")
        inner = column(
            label(self.tr("Quality"), "section"), self.presets, self.about, row(self.more, -1),
            self.form, 4, rule(), 4, self.photo, self.stance, self.scene, self.warnings, -1,
        )  # fmt: skip
        inner.setContentsMargins(12, 12, 12, 12)
        page.setLayout(inner)
        self.setWidget(page)
        self._fold(False)
        self.show_state(State(), State())

    def show_state(self, old: State, new: State) -> None:
        """Show `new`; what did not change is left alone."""
        if new.plan.settings != self._settings:
            self._show_settings(new.plan.settings)
        self.photo.show_facts(photo_facts(new))
        self.scene.show_facts(scene_facts(new))
        if old.reconstruction is not new.reconstruction:
            self._show_warnings(new)
        if old.plan is not new.plan:
            self.show_looked(self._looked, new)

    def show_looked(self, looked: Looked | None, state: State) -> None:
        """Show what was found in a lone photo."""
        self._looked = looked
        name = None if looked is None else looked.photo.name
        self.stance.show_looked(looked, state.plan.stances.get(name or "", UNTOLD))

    def _show_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.form.show_value(settings)
        self.presets.show_choice(settings.preset.value)
        about = preset_words()[settings.preset][1]
        self.about.setText(about if is_preset(settings) else f"{about} {changed_words()}")

    def _choose_preset(self, key: str) -> None:
        chosen = PRESETS[Preset(key)]
        if chosen != self._settings:
            self._emit(chosen)

    def _change(self, settings: Settings) -> None:
        self._emit(replace(settings))

    def _emit(self, settings: Settings) -> None:
        # At once, lest the form lag behind what was typed into it.
        self._show_settings(settings)
        self.edited.emit(ChangeSettings(settings))

    def _fold(self, open_: bool) -> None:
        icons.dress(self.more, "chevron-down" if open_ else "chevron-right")
        self.form.setVisible(open_)

    def _show_warnings(self, state: State) -> None:
        while (item := self.warnings.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for sentence in state.reconstruction.warnings if state.reconstruction else ():
            self.warnings.addWidget(_warning(sentence))


class FactSheet(QWidget):
    """A title, and what is known below it as names and values; hidden while nothing is."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._shown: Facts = ()
        self._values: dict[str, QLabel] = {}
        self._rows = QFormLayout()
        self._rows.setHorizontalSpacing(12)
        self._rows.setVerticalSpacing(4)
        self._rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        inner = column(label(title, "section"), self._rows, spacing=6)
        inner.setContentsMargins(0, 0, 0, 10)
        self.setLayout(inner)
        self.hide()

    def facts(self) -> dict[str, str]:
        return dict(self._shown)

    def show_facts(self, facts: Facts) -> None:
        """Show these names and values."""
        if tuple(facts) == tuple(self._shown):
            return
        if [name for name, _ in facts] != [name for name, _ in self._shown]:
            self._rebuild([name for name, _ in facts])
        self._shown = tuple(facts)
        for name, value in facts:
            self._values[name].setText(value)
        self.setVisible(bool(facts))

    def _rebuild(self, names: Sequence[str]) -> None:
        while self._rows.rowCount():
            self._rows.removeRow(0)
        self._values = {}
        for name in names:
            value = label("", "", wraps=True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._values[name] = value
            self._rows.addRow(label(name, "soft"), value)


def _warning(sentence: str) -> QWidget:
    """A sentence with the sign of a warning."""
    answer = QWidget()
    words = label(sentence, "", wraps=True)
    sign = mark("warning", "warning", 16)
    line = row(sign, words)
    line.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
    line.setStretchFactor(words, 1)
    answer.setLayout(line)
    return answer
