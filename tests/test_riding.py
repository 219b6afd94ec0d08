"""What stands on a thing comes along with it, and nothing else does."""

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.geometry.pose import Pose
from core.scene.arrange import Shapes
from core.scene.document import State
from core.scene.layout import Layout
from core.scene.layout_edits import Move, SetVisible
from core.scene.plan import Plan
from core.scene.riding import riders
from tests.viewport_scenes import together
from widgets.viewport.catching import with_riders

TABLE, MUG, SPOON, CHAIR, PICTURE, BOOK, LAMP = range(2, 9)
ALL = (TABLE, MUG, SPOON, CHAIR, PICTURE, BOOK, LAMP)


def splats(points: NDArray[np.float64], object_id: int) -> SplatArrays:
    """Opaque ones of an object at `points` [P, 3]."""
    count = len(points)
    return SplatArrays(
        means=points.astype(np.float32),
        quats=np.tile(np.float32([1, 0, 0, 0]), (count, 1)),
        log_scales=np.full((count, 3), np.log(0.01), np.float32),
        logit_opacity=np.full(count, 4.0, np.float32),
        sh=np.zeros((count, 1, 3), np.float32),
        object_id=np.full(count, object_id, np.int32),
    )


def box(
    low: tuple[float, ...], high: tuple[float, ...], *, bare: bool = False
) -> NDArray[np.float64]:
    """[P, 3] on the faces of a box; `bare`: not in the middle of its upper one, for something hid
    it."""
    inside = np.random.default_rng(0).random((3000, 3))
    axis = np.arange(3000) % 3
    inside[np.arange(3000), axis] = np.round(inside[np.arange(3000), axis])
    points = np.array(low) + inside * (np.array(high) - np.array(low))
    middle = (np.abs(inside[:, [0, 2]] - 0.5) < 0.07).all(axis=1) & (points[:, 1] == high[1])
    return points[~middle] if bare else points


def kitchen() -> SplatArrays:
    """A table with a mug on it and a spoon on the mug, a book on its lower board, a chair beside
    it, a picture above it and a lamp that hangs down to just above its edge."""
    boards = box((-1, 0.7, -1), (1, 0.75, 1), bare=True), box((-1, 0.2, -1), (1, 0.25, 1))
    parts = {
        TABLE: np.concatenate(boards),
        MUG: box((-0.1, 0.755, -0.1), (0.1, 0.95, 0.1)),
        SPOON: box((-0.08, 0.955, -0.02), (0.08, 0.97, 0.02)),
        CHAIR: box((1.1, 0.0, -0.3), (1.7, 0.9, 0.3)),
        PICTURE: box((-0.5, 1.3, -1.05), (0.5, 1.9, -1.0)),
        BOOK: box((0.3, 0.255, 0.3), (0.6, 0.35, 0.6)),
        LAMP: box((0.9, 0.8, 0.0), (1.6, 1.6, 0.4)),
    }
    return together(*(splats(points, id_) for id_, points in parts.items()))


def test_all_that_is_on_a_table_comes_along_and_nothing_beside_it() -> None:
    shapes, layout = Shapes(kitchen()), Layout()
    found = riders(layout, shapes, (TABLE,), [id_ for id_ in ALL if id_ != TABLE])
    assert set(found) == {MUG, SPOON, BOOK}
    assert riders(layout, shapes, (MUG,), [id_ for id_ in ALL if id_ != MUG]) == (SPOON,)
    assert riders(layout, shapes, (CHAIR,), [TABLE, MUG]) == ()


def test_it_goes_by_where_things_stand_now_and_by_what_is_seen() -> None:
    content = kitchen()
    away = Move({MUG: Pose(np.eye(3), np.array([3.0, 0.0, 0.0]))}).apply(Plan())
    state = State(content=content, placed=(TABLE,), plan=away)
    assert set(with_riders(state, Shapes(content))) == {TABLE, BOOK}
    hidden = SetVisible((BOOK,), False).apply(Plan())
    state = State(content=content, placed=(TABLE,), plan=hidden)
    assert set(with_riders(state, Shapes(content))) == {TABLE, MUG, SPOON}
    assert with_riders(state, None) == (TABLE,)
