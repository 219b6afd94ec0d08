"""The workspace of masks: the tools' bar, the photo, and what the segmenter found."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QToolBar, QWidget

from core.capture.photos import Photo
from core.scene.document import State
from core.scene.edits import Edit
from core.scene.plan import mask_of, names
from core.segment.labels import Role, SceneObject
from core.segment.masks import Masks
from core.segment.protocol import Prompt
from core.segment.tiles import Tiled
from widgets.canvas.options import CanvasOptions, Shown, Tool, next_brush
from widgets.canvas.options_bar import OptionsBar
from widgets.canvas.view import PhotoView
from widgets.canvas.workbench import Workbench
from widgets.guard import guarded
from widgets.panels.parts import Panel, button, column, label, row

translate = QCoreApplication.translate
BELOW = 14  # logical pixels from the upper edge to the answer's bar


class MasksPage(Panel):
    """Shows the masks of the photo at hand; wishes go out as edits and questions."""

    edited = Signal(object)  # Edit
    asked = Signal(str, object)  # the photo's name, Prompt
    preview_wanted = Signal(str, object)  # the photo's name, Prompt
    proposals_wanted = Signal(str)  # of the photo with this name
    words_wanted = Signal(str, str)  # the photo's name, what is to be found in it
    object_chosen = Signal(object)  # id or None
    photo_chosen = Signal(str)
    photo_wanted = Signal(str)  # at full size
    changed = Signal()  # the options, or whether there is an answer

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self._state = State()
        self._photo: Photo | None = None
        self.options = CanvasOptions()
        self._before = Shown.FILL  # what the photo alone gives way to
        self.bar = QToolBar(self.tr("Mask tools"))
        self.bar.setIconSize(QSize(18, 18))
        self.options_bar = OptionsBar()
        self.options_bar.changed.connect(self.set_options)
        self.options_bar.words_wanted.connect(self._words_wanted)
        self.view = PhotoView()
        self.bench = Workbench(self.view)
        self.bench.edited.connect(self._edited)
        self.bench.asked.connect(self._asked)
        self.bench.picked.connect(self.object_chosen)
        self.bench.changed.connect(self._answer_changed)
        self.bench.lights.proposals_wanted.connect(self._proposals_wanted)
        self.bench.lights.preview_wanted.connect(self._preview_wanted)
        self.found = AnswerBar(self.view)
        self.found.accepted.connect(self.bench.accept)
        self.found.discarded.connect(self.bench.discard)
        self.found.next_wanted.connect(self.bench.next_answer)
        layout = column(self.bar, self.options_bar, self.view, spacing=0)
        layout.setStretch(2, 1)
        self.setLayout(layout)
        self.set_options(self.options)

    def show_state(self, old: State, new: State) -> None:
        """Show `new`: the photo at hand, its mask, the objects."""
        self._state = new
        if new.plan.masks.objects != old.plan.masks.objects or new.object != old.object:
            self._show_objects()
        photos = new.plan.capture.photos if new.plan.capture is not None else ()
        photo = next((photo for photo in photos if photo.name == new.selected), None)
        if photo != self._photo:  # another project may have one of the same name
            if photo is not None and self._photo in photos:
                self.bench.accept()  # nothing that was found is lost by going on
            self._photo = photo
            self.bench.show_photo(None, None, None)
            self.bench.show_photo(self._name, None, None)
            self._show_objects()
            self._want_photo()
        elif photo is not None and self.bench.tools.ready:
            self.bench.show_mask(mask_of(self._state.plan, photo.name))

    def show_pixels(self, name: str, pixels: NDArray[np.uint8]) -> None:
        """The photo `name` at full size [H, W, 3]; ignored where another is at hand by now."""
        if name != self._name or name not in names(self._state.plan):
            return
        mask = mask_of(self._state.plan, name)
        if (mask.height, mask.width) == pixels.shape[:2]:
            self.bench.show_photo(name, pixels, mask)

    @property
    def _name(self) -> str | None:
        return None if self._photo is None else self._photo.name

    @property
    def object_id(self) -> int:
        """The id of the object at hand, which may not be in the list yet."""
        return self.bench.tools.object.id

    @property
    def ready(self) -> bool:
        """Whether there is a photo to work on."""
        return self.bench.tools.ready

    def set_options(self, options: CanvasOptions) -> None:
        """The tool, and how everything is shown."""
        self.options = options
        self.options_bar.show_options(options)
        self.bench.show_options(options)
        self.changed.emit()

    def choose_tool(self, tool: Tool) -> None:
        """What the left button does from now on."""
        self.set_options(replace(self.options, tool=tool))
        self.view.setFocus()

    def size_brush(self, larger: bool) -> None:
        """The brush one step larger or smaller."""
        self.set_options(replace(self.options, brush=next_brush(self.options.brush, larger)))

    def toggle_masks(self) -> None:
        """Show the photo alone, or again as before."""
        now = self.options.shown
        if now is not Shown.NOTHING:
            self._before = now
        other = self._before if now is Shown.NOTHING else Shown.NOTHING
        self.set_options(replace(self.options, shown=other))

    def step_photo(self, step: int) -> None:
        """Go to the photo so many places further; the first and the last are the ends."""
        all_names = names(self._state.plan)
        if all_names:
            at = all_names.index(self._name) if self._name in all_names else 0
            self.photo_chosen.emit(all_names[min(max(at + step, 0), len(all_names) - 1)])

    def choose_object(self, place: int) -> None:
        """The object at this place of the list, from 0."""
        objects = self._state.plan.masks.objects
        if 0 <= place < len(objects):
            self.object_chosen.emit(objects[place].id)

    def show_answers(self, prompt: Prompt, answers: tuple[Tiled, ...]) -> None:
        """What the segmenter found, best first."""
        self.bench.show_answers(prompt, answers)

    def show_proposals(self, name: str, regions: tuple[Tiled, ...]) -> None:
        """What may be objects in the photo `name`."""
        self.bench.show_proposals(name, regions)

    def show_found(self, name: str, regions: tuple[Tiled, ...], words: str) -> None:
        """What `words` mean in the photo `name`: proposals that all light up, to pick from."""
        if name == self._name and regions:
            self.bench.show_proposals(name, regions, all_lit=True)  # so that no others are wanted
            self.set_options(replace(self.options, tool=Tool.PICK))
            self.view.setFocus()

    def show_words_missing(self, sentence: str) -> None:
        """What is missing to find objects by words; "" for nothing."""
        self.options_bar.show_words_missing(sentence)

    def ask_words(self) -> None:
        """Have the user write what is to be found."""
        self.set_options(replace(self.options, tool=Tool.PICK))
        self.options_bar.words.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.options_bar.words.selectAll()

    def say(self, words: str) -> None:
        """What is being waited for; "" for nothing."""
        self.bench.show_busy(words)

    def release(self) -> None:
        """Give back what the graphics card has."""
        self.view.easel.release()

    def _want_photo(self) -> None:
        """Only what is looked at is read."""
        if self.isVisible() and not self.ready:
            if self._name is not None:
                self.photo_wanted.emit(self._name)
            elif names(self._state.plan):
                self.photo_chosen.emit(names(self._state.plan)[0])

    def _show_objects(self) -> None:
        masks = self._state.plan.masks
        at_hand, new = object_at_hand(masks, self._state.object)
        self.bench.show_objects(masks, at_hand, new)

    def _edited(self, edit: Edit) -> None:
        at_hand = self.bench.tools.object.id
        self.edited.emit(edit)
        if self._state.object != at_hand:
            self.object_chosen.emit(at_hand)

    def _asked(self, prompt: Prompt) -> None:
        if self._name is not None:
            self.asked.emit(self._name, prompt)

    def _proposals_wanted(self) -> None:
        if self._name is not None:
            self.proposals_wanted.emit(self._name)

    def _preview_wanted(self, prompt: Prompt) -> None:
        if self._name is not None:
            self.preview_wanted.emit(self._name, prompt)

    def _words_wanted(self, words: str) -> None:
        if self._name is not None and self.ready:
            self.words_wanted.emit(self._name, words)

    def _answer_changed(self) -> None:
        self.found.show_answers(*self.bench.answers)
        self._place_found()
        self.changed.emit()

    def _place_found(self) -> None:
        self.found.adjustSize()
        self.found.move((self.view.width() - self.found.width()) // 2, BELOW)
        self.found.raise_()

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        Panel.showEvent(self, event)
        self.view.setFocus()
        self._want_photo()

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:
        Panel.resizeEvent(self, event)
        self._place_found()


class AnswerBar(Panel):
    """What to do with what was found; hidden while nothing is."""

    accepted = Signal()
    discarded = Signal()
    next_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("card", parent)
        self.words = label("", "strong")
        self.take = button(
            self.tr("Accept"), self.tr("Make this the object's mask (Enter)"),
            icon="check", role="primary",
        )  # fmt: skip
        self.next = button(
            self.tr("Another"), self.tr("Show what else may have been meant (Tab)"), role="flat"
        )
        self.drop = button(self.tr("Discard"), self.tr("Forget it (Esc)"), role="flat")
        self.take.clicked.connect(self.accepted)
        self.next.clicked.connect(self.next_wanted)
        self.drop.clicked.connect(self.discarded)
        line = row(self.words, 8, self.take, self.next, self.drop)
        line.setContentsMargins(12, 6, 6, 6)
        self.setLayout(line)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.hide()

    def show_answers(self, at: int, count: int) -> None:
        """The answer at this place, from 0, of so many."""
        told = self.tr("Found") if count < 2 else self.tr("Found: {at} of {count}")
        self.words.setText(told.format(at=at + 1, count=count))
        self.next.setVisible(count > 1)
        self.setVisible(count > 0)


def object_at_hand(masks: Masks, chosen: int | None) -> tuple[SceneObject, bool]:
    """The object that tools are for, and whether it is a new one, not in the list yet."""
    for each in masks.objects:
        if each.id == chosen:
            return each, False
    for each in masks.objects:
        if chosen is None and each.role is Role.OBJECT:
            return each, False
    number = 1 + sum(each.role is Role.OBJECT for each in masks.objects)
    return masks.new_object(translate("Objects", "Object {number}").format(number=number)), True
