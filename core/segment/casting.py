"""Whose masks files hold: which photo a file belongs to, and which object a name means."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from core.capture.photos import Capture, Photo
from core.errors import UserError
from core.segment.labels import Role, SceneObject
from core.segment.masks import Masks, color_of

ENDINGS = ("_mask", ".mask", "-mask")  # what some programs put after the photo's name


class Cast:
    """The objects of a project, and those that files bring along."""

    def __init__(self, masks: Masks) -> None:
        self._known = list(masks.objects)
        self._next = masks.next_id
        self._new: list[SceneObject] = []

    @property
    def new(self) -> tuple[SceneObject, ...]:
        """The objects that the project did not have."""
        return tuple(self._new)

    def id_of(self, name: str, role: Role = Role.OBJECT, color: str = "") -> int:
        """The id of the object with this name, or of the one with a role that only one has."""
        for each in self._known:
            if role in (Role.BACKGROUND, Role.IGNORE) and each.role is role:
                return each.id
            if each.role is role and each.name.casefold() == name.casefold():
                return each.id
        made = SceneObject(self._next, name, color or color_of(self._next), role)
        self._next += 1
        self._known.append(made)
        self._new.append(made)
        return made.id


def photo_of(file: str, capture: Capture) -> Photo | None:
    """The photo that the mask file `file` is named for, None if there is none.

    "a.jpg.png", "a.png" and "a_mask.png" belong to "a.jpg". Raises `UserError` where
    that may be two photos.
    """
    name = PurePosixPath(file.replace("\\", "/")).name
    stem = PurePosixPath(name).stem
    wanted = [name, stem, *(stem.removesuffix(end) for end in ENDINGS if stem.endswith(end))]
    for form in wanted:
        if found := _named(form, (photo.name for photo in capture.photos)):
            return _photo(found[0], capture)
    for form in wanted[1:]:
        stems = {photo.name: PurePosixPath(photo.name).stem for photo in capture.photos}
        found = [each for each, short in stems.items() if short.casefold() == form.casefold()]
        if len(found) > 1:
            raise UserError(
                f"The mask {file} may belong to {' or '.join(found)}.",
                hint=f"Name it after the whole name of its photo, as in {found[0]}.png.",
            )
        if found:
            return _photo(found[0], capture)
    return None


def check_size(file: str, size: tuple[int, int], photo: Photo) -> None:
    """Raise `UserError` unless a mask of `size` (height, width) fits its photo."""
    if size == (photo.height, photo.width):
        return
    height, width = size
    turned = size == (photo.width, photo.height)
    raise UserError(
        f"The mask {file} is {width} x {height} pixels; its photo {photo.name} is "
        f"{photo.width} x {photo.height}.",
        hint="It is turned: write masks upright, as the photo is shown."
        if turned
        else "Write masks at the full size of their photos.",
    )


def none_fits(files: Sequence[str], capture: Capture) -> UserError:
    """The error for masks of which none belongs to a photo."""
    theirs = ", ".join(files[:3])
    ours = ", ".join(photo.name for photo in capture.photos[:3]) or "none"
    return UserError(
        f"No mask is named for a photo: they are {theirs}, the photos {ours}.",
        hint="Name each mask after its photo, as in IMG_1.png or IMG_1.jpg.png for IMG_1.jpg.",
    )


def objects_in_order(masks: Masks) -> tuple[SceneObject, ...]:
    """All objects; of those with the same name, the later ones are numbered."""
    taken: set[str] = set()
    answer = []
    for each in masks.objects:
        names = (each.name, *(f"{each.name} {i}" for i in range(2, len(masks.objects) + 2)))
        name = next(name for name in names if name.casefold() not in taken)
        taken.add(name.casefold())
        answer.append(replace(each, name=name))
    return tuple(answer)


def _named(name: str, names: Iterable[str]) -> list[str]:
    return [each for each in names if each.casefold() == name.casefold()]


def _photo(name: str, capture: Capture) -> Photo:
    return next(photo for photo in capture.photos if photo.name == name)
