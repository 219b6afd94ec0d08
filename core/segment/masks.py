"""The objects of a project and the mask of each photo: one value, a part of the user's plan."""

import colorsys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.segment.labels import BACKGROUND, IGNORE, LAST_ID, PhotoMask, Role, SceneObject

FLOOR = 1  # the floor's id in a new project
FIRST_OBJECTS = (
    SceneObject(BACKGROUND, "Background", "#000000", Role.BACKGROUND),
    SceneObject(FLOOR, "Floor", "#3fb8a0", Role.FLOOR),
    SceneObject(IGNORE, "Left out", "#8b909a", Role.IGNORE),
)
# Far from one another, and from what photos of rooms are full of.
COLORS = (
    "#ff5a4e", "#3d8bff", "#ffc233", "#c05cff", "#4fd35b", "#ff7ac2",
    "#23d5f0", "#ff8f2e", "#8f7bff", "#b8e034", "#e0468f", "#2fa8a0",
)  # fmt: skip
GOLDEN = 0.618034  # of a turn: hues so far apart never meet


@dataclass(frozen=True)
class Masks:
    """`objects` in the user's order; `photos` by name, those alone of which something is said.

    `next_id`: what a new object is numbered; never a number that was used before.
    """

    objects: tuple[SceneObject, ...] = FIRST_OBJECTS
    photos: Mapping[str, PhotoMask] = field(default_factory=dict)
    next_id: int = FLOOR + 1

    def __post_init__(self) -> None:
        ids = [each.id for each in self.objects]
        if len(set(ids)) < len(ids):
            raise ValueError(f"two objects have the same id: {sorted(ids)}")
        if any(self.next_id <= id_ <= LAST_ID for id_ in ids):
            raise ValueError(f"the next id is {self.next_id}, but there are {sorted(ids)}")

    def object(self, id_: int) -> SceneObject:
        """The object with this id. Raises KeyError if there is none."""
        for each in self.objects:
            if each.id == id_:
                return each
        raise KeyError(id_)

    @property
    def locked(self) -> frozenset[int]:
        """Ids of the objects whose pixels must not change."""
        return frozenset(each.id for each in self.objects if each.locked)

    def with_photos(self, changed: Mapping[str, PhotoMask]) -> "Masks":
        """These masks instead of those of the same photos; itself where nothing is new."""
        new = {name: mask for name, mask in changed.items() if self.photos.get(name) is not mask}
        if not new:
            return self
        photos = {**self.photos, **new}
        return replace(self, photos={n: m for n, m in photos.items() if not _untouched(m)})

    def without_photos(self, names: frozenset[str] | set[str]) -> "Masks":
        """Nothing is said of the photos `names`."""
        if not names & self.photos.keys():
            return self
        kept = {name: mask for name, mask in self.photos.items() if name not in names}
        return replace(self, photos=kept)

    def new_object(self, name: str) -> SceneObject:
        """An object that is not there yet."""
        return SceneObject(self.next_id, name, color_of(self.next_id))


def difference(one: Masks, two: Masks) -> int:
    """Bytes of what only one of both versions has."""
    if one.photos is two.photos:
        return 0
    names = one.photos.keys() | two.photos.keys()
    pairs = [(one.photos.get(name), two.photos.get(name)) for name in names]
    return sum(_size(mine, theirs) + _size(theirs, mine) for mine, theirs in pairs)


def _size(mask: PhotoMask | None, besides: PhotoMask | None) -> int:
    if mask is None or mask is besides:
        return 0
    tiles = 8 * len(mask.codes.tiles)  # the list of them
    return tiles + (mask.codes.size if besides is None else mask.codes.size_since(besides.codes))


def color_of(id_: int) -> str:
    """A colour "#rrggbb" for the object with this id."""
    place = id_ - FLOOR - 1
    if 0 <= place < len(COLORS):
        return COLORS[place]
    red, green, blue = colorsys.hls_to_rgb(place * GOLDEN % 1.0, 0.62, 0.75)
    return f"#{round(255 * red):02x}{round(255 * green):02x}{round(255 * blue):02x}"


def _untouched(mask: PhotoMask) -> bool:
    return not mask.ids()
