"""Layouts and edits of them at random, for tests."""

import random
from collections.abc import Iterable

import numpy as np
import torch

from core.geometry.pose import Pose
from core.geometry.rotation import rotation_vector_matrix
from core.scene.cut_edits import Give, Merge, Split
from core.scene.edits import Edit
from core.scene.layout import Ground, Layout
from core.scene.layout_edits import (
    BringBack,
    Delete,
    Duplicate,
    Erase,
    Group,
    Move,
    Rename,
    Reset,
    Restore,
    SetGround,
    SetShadows,
    SetVisible,
    Together,
    Ungroup,
)
from core.scene.plan import Plan
from core.scene.regions import Balls, Box, Chosen, Floaters, How, Prism, Region

OBJECTS = (2, 3, 4, 5)


def some_pose(chance: random.Random, *, size: float = 1.0) -> Pose:
    """A turn, a shift and a scale from 0.5 to 2."""
    turn = rotation_vector_matrix(
        torch.tensor([chance.gauss(0, 1) for _ in range(3)], dtype=torch.float64)
    ).numpy()
    shift = np.array([chance.gauss(0, size) for _ in range(3)])
    return Pose(turn, shift, 2 ** chance.uniform(-1, 1))


def some_edit(chance: random.Random, layout: Layout) -> Edit:
    """One that a user might make of `layout`, whether or not it changes anything."""
    there = [each.id for each in layout.of_objects(OBJECTS)] or [2]
    ids = tuple(chance.sample(there, chance.randint(1, min(3, len(there)))))
    pair = [id_ for id_ in there[:2] if layout.has(id_)]
    own = tuple(layout.placement(id_).object_id for id_ in ids)
    point = (chance.gauss(0, 1), chance.gauss(0, 1), chance.gauss(0, 1))
    makers = (
        lambda: Move({id_: some_pose(chance) @ layout.placement(id_).pose for id_ in pair}),
        lambda: Move({ids[0]: some_pose(chance)}, "Turn"),
        lambda: Duplicate(ids, some_pose(chance)),
        lambda: Delete(ids[:1]),
        lambda: SetVisible(ids, chance.random() < 0.5),
        lambda: Rename(ids[0], chance.choice(("", "Chair", "Étagère"))),
        lambda: Group(ids),
        lambda: Ungroup(ids),
        lambda: Reset(ids),
        lambda: BringBack(tuple(sorted(layout.removed))),
        lambda: SetGround(Ground(some_pose(chance), True, chance.random() < 0.5)),
        lambda: Erase(Balls((point,), (chance.random(),), frozenset(ids[:1]))),
        lambda: Erase(Box(point, (1.0, 2.0, 0.5), outside=chance.random() < 0.1)),
        lambda: Erase(some_choice(chance, frozenset(ids[:1]))),
        lambda: Split(some_choice(chance), tuple(sorted({*own[:2], 0})), "Part", OBJECTS[-1] + 1),
        lambda: Give(some_choice(chance), own[:1], own[-1]),
        lambda: Merge(own[1:2], own[0]),
        lambda: Restore(layout.erased[:1]),
        lambda: SetShadows(chance.random() < 0.5),
        lambda: Together("Both", (Duplicate(ids), SetVisible(ids, False))),
    )
    return chance.choice(makers)()


def some_choice(chance: random.Random, objects: frozenset[int] = frozenset()) -> Region:
    """What a lasso, a brush and a rule pick out, one after the other."""
    camera = tuple(tuple(chance.gauss(0, 1) for _ in range(4)) for _ in range(3))
    outline = tuple((chance.gauss(0, 1), chance.gauss(0, 1)) for _ in range(5))
    ball = Balls(((chance.gauss(0, 1), 0.0, 0.5),), (chance.random(),), objects, True)
    parts: tuple[Region, ...] = (
        Prism(camera, outline, objects),  # type: ignore[arg-type]
        ball,
        Floaters(chance.random() / 2, objects),
        Chosen(((How.ADD, ball),)),
    )
    steps = [(chance.choice(tuple(How)), chance.choice(parts)) for _ in range(3)]
    return Chosen(((How.ADD, parts[0]), *steps))


def rearranged(edits: int = 25, seed: int = 3) -> Layout:
    """What so many edits make of an empty one."""
    chance, plan = random.Random(seed), Plan()
    for _ in range(edits):
        plan = some_edit(chance, plan.layout).apply(plan)
    return plan.layout


def replayed(edits: Iterable[Edit]) -> Layout:
    """What `edits` make of an empty one, one after the other."""
    plan = Plan()
    for edit in edits:
        plan = edit.apply(plan)
    return plan.layout
