"""Labels as the graphics card is given them: a slot of a palette for each object."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.segment.labels import UNLABELLED, PhotoMask, Role
from core.segment.masks import Masks
from core.segment.tiles import Area, Tiled

SLOTS = 256  # the first for what nobody said anything of; the last for all objects beyond
DIM = 0.55  # how strongly the background is darkened, of how strongly objects are coloured


@dataclass(frozen=True, eq=False)
class Palette:
    """`slots` [32768] by label; `colors` [2, 256, 4] as the shader tells."""

    slots: NDArray[np.uint8]
    colors: NDArray[np.uint8]

    @staticmethod
    def of(masks: Masks) -> "Palette":
        """The colours of the objects, without those that are hidden."""
        slots = np.zeros(UNLABELLED + 1, np.uint8)
        colors = np.zeros((2, SLOTS, 4), np.uint8)
        for i, each in enumerate(masks.objects):
            slot = min(i + 1, SLOTS - 1)
            slots[each.id] = slot
            colors[0, slot, :3] = [int(each.color[k : k + 2], 16) for k in (1, 3, 5)]
            background = each.role is Role.BACKGROUND
            colors[0, slot, 3] = (255 * DIM if background else 255) if each.visible else 0
            colors[1, slot, 0] = 255 if each.visible and not background else 0
        return Palette(slots, colors)

    def drawn(self, mask: PhotoMask, answer: Tiled | None, area: Area) -> NDArray[np.uint8]:
        """Slots, and where the answer is, of the pixels in `area` [h, w, 2]."""
        found = np.zeros((*area.shape, 2), np.uint8)
        found[..., 0] = self.slots[mask.labels(area)]
        if answer is not None:
            found[..., 1] = (answer.part(area) > 0) * np.uint8(255)
        return found
