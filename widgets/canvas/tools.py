"""What the tools make of a photo's mask: edits, from strokes, lassos, clicks and commands."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from core.scene.edits import Edit
from core.scene.mask_edits import AddObject, EraseMask, PaintMask, Together, kept_ids
from core.segment import shaping
from core.segment.labels import BACKGROUND, UNLABELLED, PhotoMask, Role, SceneObject
from core.segment.masks import Masks
from core.segment.protocol import Prompt
from core.segment.tiles import Codes, Tiled
from widgets.canvas.drags import LassoDrag, Place, StrokeDrag
from widgets.canvas.options import CanvasOptions, Tool

translate = QCoreApplication.translate


class Tools:
    """Knows the photo, its mask, the objects and the options. Changes nothing but by edits."""

    def __init__(self) -> None:
        self.photo: str | None = None
        self.pixels: NDArray[np.uint8] | None = None  # [H, W, 3]
        self.mask: PhotoMask | None = None
        self.masks = Masks()
        self.object: SceneObject = self.masks.objects[0]  # the one at hand
        self.new = False  # whether the object at hand is not in the list yet
        self.options = CanvasOptions()
        self._ended: Place | None = None  # where the last stroke did

    def show(
        self, photo: str | None, pixels: NDArray[np.uint8] | None, mask: PhotoMask | None
    ) -> None:
        """Work on this photo."""
        if photo != self.photo:
            self._ended = None
        self.photo, self.pixels, self.mask = photo, pixels, mask

    @property
    def ready(self) -> bool:
        """Whether there is a photo to work on."""
        return self.pixels is not None and self.mask is not None

    def pixel(self, place: Place) -> tuple[int, int] | None:
        """The pixel (x, y) at a place of the photo, None beside it."""
        x, y = int(np.floor(place[0])), int(np.floor(place[1]))
        assert self.mask is not None
        return (x, y) if 0 <= x < self.mask.width and 0 <= y < self.mask.height else None

    def label_at(self, place: Place) -> int | None:
        """What the pixel there was said to be, None where nothing was said."""
        if self.mask is None or (pixel := self.pixel(place)) is None:
            return None
        label = self.mask.label(*pixel)
        return None if label == UNLABELLED else label

    # Strokes, lassos and clicks

    def stroke(self, place: Place, taking: bool, straight: bool) -> StrokeDrag:
        """Begin with the brush or the eraser; `straight`: from where the last stroke ended."""
        assert self.mask is not None
        start = self._ended if straight and self._ended is not None else place
        erases = self.erases(taking)
        kept = kept_ids(self.masks, self.object.id, self.options.spares and not erases)
        id_ = self.object.id

        def paint(mask: PhotoMask, region: Tiled) -> PhotoMask:
            if erases:
                return mask.erased(region, id_, locked=kept)
            return mask.painted(region, id_, locked=kept)

        drag = StrokeDrag(self.mask, paint, self.options.brush / 2, start)
        drag.move(place)
        return drag

    def erases(self, taking: bool) -> bool:
        """Whether a stroke takes away."""
        return (self.options.tool is Tool.ERASER) is not taking

    def stroked(self, drag: StrokeDrag, taking: bool) -> Edit:
        """The edit of a stroke that has ended."""
        self._ended = drag.last
        return self._drawn(drag.region, self.erases(taking), self._words("Paint"))

    def lassoed(self, drag: LassoDrag, taking: bool) -> Edit:
        """The edit of a line around something."""
        assert self.mask is not None
        region = drag.region(self.mask.height, self.mask.width)
        return self._drawn(region, taking, self._words("Lasso"))

    def wand(self, place: Place, taking: bool) -> Edit | None:
        """What is of the colour at `place`; nothing beside the photo."""
        if self.pixels is None or (pixel := self.pixel(place)) is None:
            return None
        options = self.options
        region = shaping.alike(
            self.pixels, *pixel, options.tolerance, everywhere=options.everywhere
        )
        return self._drawn(region, taking, self._words("Wand"))

    def asking(self, prompt: Prompt) -> Prompt:
        """`prompt`, told what the object at hand is."""
        return replace(prompt, floor=self.object.role is Role.FLOOR)

    def accepted(self, answer: Tiled) -> Edit:
        """The edit that makes the segmenter's answer the object's mask."""
        assert self.photo is not None
        paint = PaintMask(self.photo, answer, self.object.id, self.options.spares, whole=True)
        return self._with_object(replace(paint, label=self._words("Find")))

    def picked(self, region: Tiled, taking: bool) -> Edit:
        """The edit that adds what the segmenter proposed, or takes it away."""
        return self._drawn(region, taking, self._words("Pick"))

    # Commands on the object at hand

    def fill_holes(self) -> Edit:
        """Fill what is shut in by the object and nobody's."""
        region = self._free(shaping.holes(self._region()))
        return self._drawn(region, False, self._words("Fill holes"))

    def grow(self, pixels: float) -> Edit:
        """Make the object wider by so many pixels, as far as nothing else is there."""
        region = self._free(shaping.grown(self._region(), pixels))
        return self._drawn(region, False, self._words("Grow"))

    def shrink(self, pixels: float) -> Edit:
        """Make the object narrower by so many pixels."""
        region = self._region()
        border = region.combined(shaping.shrunk(region, pixels), _besides)
        return self._drawn(border, True, self._words("Shrink"))

    def keep_largest(self) -> Edit:
        """Keep of the object only the largest part that hangs together."""
        region = self._region()
        specks = region.combined(shaping.largest(region), _besides)
        return self._drawn(specks, True, self._words("Remove specks"))

    def keep_part(self, place: Place) -> Edit | None:
        """Keep of the object only the part at `place`."""
        if self.mask is None or (pixel := self.pixel(place)) is None:
            return None
        region = self._region()
        part = shaping.connected(region, *pixel)
        if not part.bounds():
            return None
        others = region.combined(part, _besides)
        return self._drawn(others, True, self._words("Keep this part"))

    def _region(self) -> Tiled:
        assert self.mask is not None
        return self.mask.region(self.object.id)

    def _free(self, region: Tiled) -> Tiled:
        """What of `region` no other object has."""
        assert self.mask is not None
        return self.mask.among(region, (BACKGROUND, UNLABELLED, self.object.id))

    def _drawn(self, region: Tiled, erases: bool, label: str) -> Edit:
        assert self.photo is not None
        if erases:
            return EraseMask(self.photo, region, self.object.id, self._words("Erase"))
        paint = PaintMask(self.photo, region, self.object.id, self.options.spares, label=label)
        return self._with_object(paint)

    def _with_object(self, paint: PaintMask) -> Edit:
        if not self.new:
            return paint
        return Together((AddObject(self.object), paint), paint.label)

    def _words(self, kind: str) -> str:
        """As the Edit menu shows it after "Undo"."""
        words = {
            "Paint": translate("Masks", "Paint {name}"),
            "Erase": translate("Masks", "Erase {name}"),
            "Lasso": translate("Masks", "Lasso {name}"),
            "Wand": translate("Masks", "Wand on {name}"),
            "Pick": translate("Masks", "Pick {name}"),
            "Find": translate("Masks", "Find {name}"),
            "Fill holes": translate("Masks", "Fill holes of {name}"),
            "Grow": translate("Masks", "Grow {name}"),
            "Shrink": translate("Masks", "Shrink {name}"),
            "Remove specks": translate("Masks", "Remove specks of {name}"),
            "Keep this part": translate("Masks", "Keep a part of {name}"),
        }
        return words[kind].format(name=self.object.name)


def _besides(one: Codes, two: Codes) -> Codes:
    """Where `one` is and `two` is not."""
    return np.where(two != 0, np.uint16(0), one)
