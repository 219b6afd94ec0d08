"""Which things of a scene can be moved, and what they are called."""

import numpy as np

from core.gaussians.arrays import SplatArrays
from core.scene.additions import name_of_thing, shown_additions
from core.scene.cuts import relabelled
from core.scene.document import State
from core.scene.layout import FIRST_COPY, Placement
from core.scene.reworks import as_shown
from core.segment.labels import BACKGROUND, Role, SceneObject


def movable(state: State, object_id: int) -> bool:
    """Whether it is a thing: not the background, the floor, or what is left out."""
    known = _known(state, object_id)
    if known is None:
        return BACKGROUND < object_id < FIRST_COPY
    return known.role is Role.OBJECT


def labelled(state: State) -> SplatArrays | None:
    """What is shown, with the objects that the layout says it belongs to; None without splats."""
    if not isinstance(state.content, SplatArrays):
        return None
    return relabelled(state.content, state.plan.layout.cuts)


def before_words(state: State, object_id: int) -> SplatArrays | None:
    """`labelled`, but with the object as it is without a rework."""
    plan, layout = state.plan, state.plan.layout
    others = [each for each in plan.reworks if each.object_id != object_id]
    shown = as_shown(state.base, shown_additions(plan.additions, layout), others, layout.cuts)
    return relabelled(shown, layout.cuts) if isinstance(shown, SplatArrays) else None


def object_ids(state: State) -> tuple[int, ...]:
    """Of the things that the scene has Gaussians of, in the user's order."""
    splats = labelled(state)
    if splats is None or not len(splats):
        return ()
    ids = splats.object_id
    known = ids[(ids >= 0) & (ids < FIRST_COPY)]
    there = {int(id_) for id_ in np.flatnonzero(np.bincount(known))}
    listed = [each.id for each in state.plan.masks.objects if each.id in there]
    others = sorted(there - set(listed))
    return tuple(id_ for id_ in (*listed, *others) if movable(state, id_))


def shown_placements(state: State) -> tuple[Placement, ...]:
    """Of all things that the scene has, each with its copies."""
    return state.plan.layout.of_objects(object_ids(state))


def own_name(state: State, object_id: int) -> str:
    """What the object is called; "" where nobody named it."""
    known = _known(state, object_id)
    return name_of_thing(state.plan.additions, object_id) if known is None else known.name


def _known(state: State, object_id: int) -> SceneObject | None:
    return next((each for each in state.plan.masks.objects if each.id == object_id), None)
