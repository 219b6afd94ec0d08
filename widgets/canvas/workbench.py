"""The tools at work: what is done on the photo becomes edits, or questions to the segmenter."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal

from core.scene.edits import Edit
from core.segment.labels import PhotoMask, SceneObject
from core.segment.masks import Masks
from core.segment.protocol import Prompt
from core.segment.tiles import Tiled
from widgets.canvas.drags import BoxDrag, Drag, LassoDrag, Marks, StrokeDrag, across
from widgets.canvas.lights import Lights
from widgets.canvas.options import CanvasOptions, Tool
from widgets.canvas.overlay import Over
from widgets.canvas.tools import Tools
from widgets.canvas.view import PhotoView, Touch
from widgets.canvas.words import place_words

SHORTEST = 4.0  # logical pixels: a smaller box or lasso was a click
EXACT = 2.0  # logical pixels between two places of a lasso
ROUND = (Tool.BRUSH, Tool.ERASER)


class Workbench(QObject):
    """Serves one `PhotoView`. Changes nothing itself: `edited` carries what is wished, `asked` the
    prompt each time more is shown of an object, `picked` the object that was clicked with Ctrl.
    """

    edited = Signal(object)  # Edit
    asked = Signal(object)  # Prompt
    picked = Signal(object)  # id
    changed = Signal()  # whether there is an answer, and which

    def __init__(self, view: PhotoView) -> None:
        super().__init__(view)
        self.view, self.tools = view, Tools()
        self.prompt = Prompt()
        self.busy = ""
        self.lights = Lights(self.tools, self)
        self.lights.changed.connect(self._show_answer)
        self._answers: tuple[Tiled, ...] = ()
        self._answer = 0
        self._drag: Drag | None = None
        self._touch: Touch | None = None
        view.pressed.connect(self._press)
        view.moved.connect(self._move)
        view.released.connect(self._release)
        view.left.connect(self._leave)
        view.turned.connect(lambda _sight: self._show())

    # What is shown

    def show_photo(
        self, name: str | None, pixels: NDArray[np.uint8] | None, mask: PhotoMask | None
    ) -> None:
        """A photo [H, W, 3] and its mask; without pixels while they are on their way."""
        if name != self.tools.photo:
            self.forget()
            self.lights.forget()
        self._drag = None
        self.tools.show(name, pixels, mask)
        self.view.easel.show_photo(pixels, mask)
        self.view.show_size(None if pixels is None else (pixels.shape[1], pixels.shape[0]))
        self.lights.want()
        self._show()

    def show_mask(self, mask: PhotoMask) -> None:
        """Another version of the mask of the same photo."""
        if mask is self.tools.mask:
            return
        self.tools.mask = mask
        if isinstance(self._drag, StrokeDrag):  # which goes on, over what is new
            self._drag.mask = mask = self._drag.paint(mask, self._drag.region)
        self.view.easel.show_mask(mask)
        self._show()

    def show_objects(self, masks: Masks, at_hand: SceneObject, new: bool) -> None:
        """The objects, and the one at hand, which with `new` is not among them yet."""
        if at_hand.id != self.tools.object.id:
            self.forget()
        self.tools.masks, self.tools.object, self.tools.new = masks, at_hand, new
        self.view.easel.show_objects(masks)
        self._show()

    def show_options(self, options: CanvasOptions) -> None:
        """The tool, and how everything is shown."""
        self.tools.options = options
        blank = options.tool in ROUND
        self.view.show_options(
            options, Qt.CursorShape.BlankCursor if blank else Qt.CursorShape.CrossCursor
        )
        self.lights.want()
        self._point()
        self._show()

    def show_answers(self, prompt: Prompt, answers: Sequence[Tiled]) -> None:
        """What the segmenter found, best first; ignored where more was asked meanwhile."""
        if not self.lights.show_preview(prompt, answers) and prompt is self.prompt:
            self._answers, self._answer = tuple(answers), 0
            self._show_answer()

    def show_proposals(
        self, photo: str, regions: Sequence[Tiled], *, all_lit: bool = False
    ) -> None:
        """What may be objects in the photo; ignored where another is shown by now."""
        if photo == self.tools.photo:
            self.lights.show_proposals(regions, all_lit=all_lit)

    def show_busy(self, words: str) -> None:
        """What is being waited for; "" for nothing."""
        if words != self.busy:
            self.busy = words
            self._show()

    # What can be asked for

    @property
    def answer(self) -> Tiled | None:
        """What the segmenter found, as far as it is shown."""
        return self._answers[self._answer] if self._answers else None

    @property
    def answers(self) -> tuple[int, int]:
        """Which of the answers is shown, from 0, and how many there are."""
        return self._answer, len(self._answers)

    @property
    def choices(self) -> bool:
        """Whether there is another answer or proposal to show."""
        return len(self._answers) > 1 or (self.lights.picking and self.lights.lit is not None)

    def accept(self) -> None:
        """Make the answer the object's mask."""
        answer = self.answer
        if answer is not None and self.tools.ready:
            edit = self.tools.accepted(answer)
            self.forget()
            self.edited.emit(edit)

    def discard(self) -> None:
        """Give up the stroke, or else what was asked."""
        if self._drag is not None:
            self._drag = None
            if self.tools.mask is not None:
                self.view.easel.show_mask(self.tools.mask)
            self._show()
        else:
            self.forget()

    def next_answer(self) -> None:
        """Show the next of what may have been meant, or the next larger proposal."""
        if self._answers:
            self._answer = (self._answer + 1) % len(self._answers)
            self._show_answer()
        else:
            self.lights.larger()

    def take_back(self) -> None:
        """Ask again without the newest point, or without the box if there is none."""
        prompt = self.prompt
        if len(prompt.points):
            less = replace(prompt, points=prompt.points[:-1], foreground=prompt.foreground[:-1])
            self.forget() if less.is_empty else self._ask(less)
        else:
            self.forget()

    def change(self, edit: Edit | None) -> None:
        """Wish for what a command makes of the object at hand."""
        if edit is not None:
            self.forget()
            self.edited.emit(edit)

    def forget(self) -> None:
        """Ask anew, from nothing."""
        self.prompt = Prompt()
        self._answers, self._answer = (), 0
        self._show_answer()

    # The mouse

    def _press(self, touch: Touch) -> None:
        tools, place = self.tools, touch.place
        if not tools.ready:
            return
        self._touch = touch
        if touch.picking:
            label = tools.label_at(place)
            if label is not None:
                self.picked.emit(label)
            return
        match tools.options.tool:
            case Tool.INSIDE | Tool.OUTSIDE as tool:
                if tools.pixel(place) is not None:
                    inside = (tool is Tool.INSIDE) is not touch.taking
                    self._ask(self.prompt.with_point(*place, inside))
            case Tool.BOX:
                self._drag = BoxDrag(place, place)
            case Tool.LASSO:
                self._drag = LassoDrag([place], EXACT / self.view.sight.scale)
            case Tool.PICK:
                found = self.lights.at(place)
                if found is not None:
                    self.change(tools.picked(found, touch.taking))
            case Tool.WAND:
                self.change(tools.wand(place, touch.taking))
            case Tool.BRUSH | Tool.ERASER:
                self.accept()  # what was found so far is what the brush corrects
                self._drag = tools.stroke(place, touch.taking, touch.straight)
                self._dragged()

    def _move(self, touch: Touch) -> None:
        if self._drag is None:
            self._touch = touch
            self._point()
        else:
            assert self._touch is not None
            self._touch = replace(self._touch, place=touch.place)
            self._drag.move(touch.place)
        self._dragged()

    def _release(self) -> None:
        drag, self._drag = self._drag, None
        touch = self._touch
        if drag is None or touch is None or not self.tools.ready:
            return
        shortest = SHORTEST / self.view.sight.scale
        match drag:
            case StrokeDrag():
                self._stroked(drag, touch.taking)
            case LassoDrag() if across(drag.path) > shortest:
                self.change(self.tools.lassoed(drag, touch.taking))
            case BoxDrag() if across([drag.start, drag.end]) > shortest:
                self._ask(Prompt(box=drag.box()))
        self._show()

    def _stroked(self, drag: StrokeDrag, taking: bool) -> None:
        before = self.tools.mask
        self.edited.emit(self.tools.stroked(drag, taking))
        if self.tools.mask is before and before is not None:
            self.view.easel.show_mask(before)  # nobody took it over

    def _leave(self) -> None:
        if self._drag is None:
            self._touch = None
            self._point()
            self._show()

    def _point(self) -> None:
        """Let light up what is under the mouse."""
        place = self._touch.place if self._touch is not None else None
        self.lights.point(place, idle=self.prompt.is_empty)

    # What lies over the photo

    def _dragged(self) -> None:
        if isinstance(self._drag, StrokeDrag):
            self.view.easel.show_mask(self._drag.mask)
        self._show()

    def _ask(self, prompt: Prompt) -> None:
        prompt = self.prompt = self.tools.asking(prompt)
        self.lights.go_out()
        self._show()
        self.asked.emit(prompt)

    def _show_answer(self) -> None:
        self.view.easel.show_answer(self.answer or self.lights.lit, self.tools.object.color)
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        tools, touch = self.tools, self._touch
        round_ = tools.options.tool in ROUND
        taking = touch is not None and tools.erases(touch.taking)
        ring = None
        if round_ and touch is not None and tools.ready:
            ring = (*touch.place, tools.options.brush / 2)
        self.view.show_over(
            Over(
                marks=self._drag.marks() if self._drag is not None else Marks(),
                prompt=self.prompt,
                ring=ring,
                taking=round_ and taking,
                words=place_words(tools, self.view, touch.place if touch is not None else None),
                busy=self.busy,
            )
        )
