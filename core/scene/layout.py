"""Where copies of the captured objects stand: a small value that the user edits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from core.geometry.pose import Pose
from core.scene.cuts import Cut, Relabel
from core.scene.regions import Region

FIRST_INSERTED = 0x4000  # objects of masks have lower ids
FIRST_COPY = 0x8000  # ids of placements below it are those of objects, which have one each
HERE = Pose.identity()


@dataclass(frozen=True)
class Placement:
    """One copy of an object, and how it stands.

    `pose` leads from where the object was captured to where the copy stands, both in the
    capture frame. `name` is "" where it is the object's own; `group` is 0 outside all groups.
    """

    id: int
    object_id: int
    pose: Pose = HERE
    visible: bool = True
    name: str = ""
    group: int = 0

    def __post_init__(self) -> None:
        if same_pose(self.pose, HERE):
            object.__setattr__(self, "pose", HERE)

    def __reduce__(self) -> tuple[type["Placement"], tuple[object, ...]]:
        # Made anew in another process, or what stands in place would no longer be told by `HERE`.
        return Placement, (
            self.id, self.object_id, self.pose, self.visible, self.name, self.group,
        )  # fmt: skip

    @property
    def in_place(self) -> bool:
        """Whether it stands where it was captured."""
        return self.pose is HERE

    @property
    def untouched(self) -> bool:
        """Whether it is as every captured object is at first."""
        return self == Placement(self.object_id, self.object_id)


@dataclass(frozen=True)
class Ground:
    """Where the floor is, which way is up, and how long a unit is: the frame of what is written.

    `scene_from_capture` puts the floor at y = 0. `confirmed`: the user said so; `metric`: a
    unit of the scene is a metre.
    """

    scene_from_capture: Pose = HERE
    confirmed: bool = False
    metric: bool = False

    def __post_init__(self) -> None:
        if same_pose(self.scene_from_capture, HERE):
            object.__setattr__(self, "scene_from_capture", HERE)

    def __reduce__(self) -> tuple[type["Ground"], tuple[object, ...]]:
        return Ground, (self.scene_from_capture, self.confirmed, self.metric)


@dataclass(frozen=True)
class Layout:
    """What the user made of the scene. Ids are never used again.

    `placements` holds those alone that are not as captured: use `placement`. `removed`:
    objects whose own placement was deleted. `cuts`: what was erased, and what of an object was made
    another's, from first to last. `shadows`: whether things cast them where no photo saw them.
    """

    placements: Mapping[int, Placement] = field(default_factory=dict)
    removed: frozenset[int] = frozenset()
    ground: Ground = field(default_factory=Ground)
    cuts: tuple[Cut, ...] = ()
    next_id: int = FIRST_COPY
    shadows: bool = True

    def __post_init__(self) -> None:
        if self.next_id < FIRST_COPY:
            raise ValueError(f"copies are numbered from {FIRST_COPY}, not {self.next_id}")
        for id_, each in self.placements.items():
            if id_ != each.id or (id_ < FIRST_COPY and id_ != each.object_id):
                raise ValueError(f"placement {each} is listed as {id_}")
            if id_ >= self.next_id or id_ in self.removed:
                raise ValueError(f"placement {id_} cannot be there: the next is {self.next_id}")

    @property
    def erased(self) -> tuple[Region, ...]:
        """Regions of the capture frame in which nothing is."""
        return tuple(cut for cut in self.cuts if not isinstance(cut, Relabel))

    def has(self, id_: int) -> bool:
        """Whether a placement with this id may stand somewhere."""
        return id_ in self.placements or (0 <= id_ < FIRST_COPY and id_ not in self.removed)

    def placement(self, id_: int) -> Placement:
        """The placement with this id. Raises KeyError where it was deleted or never was."""
        if not self.has(id_):
            raise KeyError(id_)
        return self.placements.get(id_) or Placement(id_, id_)

    def of_objects(self, object_ids: Iterable[int]) -> tuple[Placement, ...]:
        """All placements of these objects, an object's own first and then its copies."""
        copies = sorted(id_ for id_ in self.placements if id_ >= FIRST_COPY)
        found: list[Placement] = []
        for object_id in object_ids:
            if object_id not in self.removed:
                found.append(self.placement(object_id))
            found += [
                self.placements[id_]
                for id_ in copies
                if self.placements[id_].object_id == object_id
            ]
        return tuple(found)

    def members(self, id_: int) -> tuple[int, ...]:
        """Ids of all that is in a group with placement `id_`, itself too."""
        group = self.placement(id_).group
        if not group:
            return (id_,)
        return tuple(sorted(i for i, each in self.placements.items() if each.group == group))

    def with_placements(self, changed: Iterable[Placement]) -> "Layout":
        """These placements instead of those with the same ids."""
        new = {**self.placements, **{each.id: each for each in changed}}
        return replace(self, placements={i: each for i, each in new.items() if not each.untouched})

    def without(self, ids: Iterable[int]) -> "Layout":
        """As if these placements were not there."""
        gone = set(ids)
        kept = {i: each for i, each in self.placements.items() if i not in gone}
        own = frozenset(id_ for id_ in gone if id_ < FIRST_COPY)
        return replace(self, placements=kept, removed=self.removed | own)

    @property
    def as_captured(self) -> bool:
        """Whether nothing is elsewhere, hidden, doubled or gone, and the ground is as it was."""
        in_place = all(
            each.id < FIRST_COPY and each.in_place and each.visible
            for each in self.placements.values()
        )
        ground = self.ground.scene_from_capture is HERE
        return in_place and ground and not self.removed and not self.cuts


def same_pose(one: Pose, other: Pose) -> bool:
    """Whether both do the same to the bit."""
    return one is other or (
        one.scale == other.scale
        and np.array_equal(one.rotation, other.rotation)
        and np.array_equal(one.translation, other.translation)
    )


def tidied(pose: Pose) -> Pose:
    """`pose` with a rotation that is one to the last bits; `HERE` where it does nothing."""
    if same_pose(pose, HERE):
        return HERE
    left, _, right = np.linalg.svd(pose.rotation)
    return Pose(left @ right, np.array(pose.translation, np.float64), float(pose.scale))
