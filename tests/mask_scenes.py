"""Plans with masks for tests."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.scene.plan import Plan
from core.segment import regions
from core.segment.labels import PhotoMask, SceneObject, Standing
from core.segment.masks import FIRST_OBJECTS, Masks
from core.segment.tiles import Area, Tiled
from tests.test_edits import START

CHAIR = SceneObject(2, "Chair", "#ff5a4e")
TABLE = SceneObject(3, "Table", "#3d8bff", locked=True)
HEIGHT, WIDTH = 480, 640  # of the photos in `START`


def square(left: int, top: int, side: int = 60) -> Tiled:
    return regions.box(Area(left, top, left + side, top + side), HEIGHT, WIDTH)


def blank() -> PhotoMask:
    return PhotoMask.blank(HEIGHT, WIDTH)


def room() -> Plan:
    """Photos a to c: a by the user, b propagated, nothing said of c; the table is locked."""
    own = blank().painted(square(10, 10), CHAIR.id).painted(square(200, 10), TABLE.id)
    labels = np.full((HEIGHT, WIDTH), 0, np.uint16)
    labels[100:200, 250:300] = CHAIR.id
    came = PhotoMask.from_arrays(labels, None, Standing.DOUBTFUL)
    objects = (*FIRST_OBJECTS, CHAIR, TABLE)
    return replace(START, masks=Masks(objects, {"a.jpg": own, "b.jpg": came}, 4))


def labels_of(plan: Plan, name: str) -> NDArray[np.uint16]:
    return plan.masks.photos[name].labels()
