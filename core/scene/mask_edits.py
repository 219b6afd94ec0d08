"""What a user can do to the masks and the list of objects, as values like those of `edits`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from core.scene.edits import Edit, counted
from core.scene.plan import Plan, mask_of
from core.segment.labels import PhotoMask, Role, SceneObject, Standing
from core.segment.masks import Masks
from core.segment.tiles import Codes, Tiled


@dataclass(frozen=True, eq=False)
class Together:
    """Several edits in one step, one after the other."""

    edits: tuple[Edit, ...]
    label: str

    def apply(self, plan: Plan) -> Plan:
        for edit in self.edits:
            plan = edit.apply(plan)
        return plan


@dataclass(frozen=True, eq=False)
class PaintMask:
    """Say that the pixels of `region` in a photo are the object `id`.

    With `spares` the pixels of other objects stay theirs, whether they are locked or not. With
    `whole` the region is all of the object: where it was besides, it is not any more.
    """

    photo: str
    region: Tiled
    id: int
    spares: bool = False
    whole: bool = False
    label: str = "Paint"

    def apply(self, plan: Plan) -> Plan:
        kept = kept_ids(plan.masks, self.id, self.spares)

        def paint(mask: PhotoMask) -> PhotoMask:
            if self.whole:
                besides = mask.region(self.id).combined(self.region, _only_first)
                mask = mask.erased(besides, self.id, locked=kept)
            return mask.painted(self.region, self.id, locked=kept)

        return _with(plan, self.photo, paint)


@dataclass(frozen=True, eq=False)
class EraseMask:
    """Say that the pixels of `region` in a photo are not the object `id`."""

    photo: str
    region: Tiled
    id: int
    label: str = "Erase"

    def apply(self, plan: Plan) -> Plan:
        locked = plan.masks.locked
        return _with(
            plan, self.photo, lambda mask: mask.erased(self.region, self.id, locked=locked)
        )


@dataclass(frozen=True, eq=False)
class ForgetMasks:
    """Nothing is said any more of the photos `names`, but for the pixels of locked objects."""

    names: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"Clear the masks of {counted(self.names)}"

    def apply(self, plan: Plan) -> Plan:
        masks = plan.masks
        gone = {each.id for each in masks.objects} - masks.locked

        def cleared(mask: PhotoMask) -> PhotoMask:
            for id_ in sorted(gone & mask.ids()):
                mask = mask.without(id_)
            return mask

        changed = {name: cleared(masks.photos[name]) for name in self.names if name in masks.photos}
        return _changed(plan, masks.with_photos(changed))


@dataclass(frozen=True, eq=False)
class TakePropagated:
    """Take over what came from other photos; pixels by hand and locked objects stay.

    `given`: masks by the names of their photos, whose standing says whether they are doubtful.
    """

    given: Mapping[str, PhotoMask]
    label: str = "Carry masks over"

    def apply(self, plan: Plan) -> Plan:
        locked = plan.masks.locked
        changed = {
            name: mask_of(plan, name).propagated(given.labels(), given.standing, locked=locked)
            for name, given in self.given.items()
        }
        return _changed(plan, plan.masks.with_photos(changed))


@dataclass(frozen=True, eq=False)
class ConfirmMasks:
    """Make the masks of photos the user's own, as they are."""

    names: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"Confirm {counted(self.names)}"

    def apply(self, plan: Plan) -> Plan:
        masks = plan.masks
        changed = {
            name: masks.photos[name].confirmed()
            for name in self.names
            if name in masks.photos and masks.photos[name].standing is not Standing.USER
        }
        return _changed(plan, masks.with_photos(changed))


@dataclass(frozen=True, eq=False)
class ImportMasks:
    """Take masks from files instead of those that their photos had, with the objects in them."""

    objects: tuple[SceneObject, ...]
    masks: Mapping[str, PhotoMask]
    label: str = "Import masks"

    def apply(self, plan: Plan) -> Plan:
        for name, mask in self.masks.items():
            _check_size(plan, name, mask)
        return _changed(plan, _with_objects(plan.masks, self.objects).with_photos(self.masks))


@dataclass(frozen=True)
class AddObject:
    """Put an object at the end of the list, unless its id is there already."""

    object: SceneObject

    @property
    def label(self) -> str:
        return f"Add {self.object.name}"

    def apply(self, plan: Plan) -> Plan:
        return _changed(plan, _with_objects(plan.masks, (self.object,)))


@dataclass(frozen=True)
class ChangeObject:
    """Give an object another name, colour or role, or show, hide, lock or free it."""

    object: SceneObject
    label: str = "Change object"

    def apply(self, plan: Plan) -> Plan:
        objects = tuple(
            self.object if each.id == self.object.id else each for each in plan.masks.objects
        )
        if objects == plan.masks.objects:
            return plan
        return _changed(plan, replace(plan.masks, objects=objects))


@dataclass(frozen=True)
class RemoveObject:
    """Forget an object: in all photos nothing is said any more where it was."""

    id: int
    name: str = field(default="object", compare=False)

    @property
    def label(self) -> str:
        return f"Remove {self.name}"

    def apply(self, plan: Plan) -> Plan:
        masks = plan.masks
        objects = tuple(each for each in masks.objects if each.id != self.id)
        if len(objects) == len(masks.objects):
            return plan
        rest = {name: mask.without(self.id) for name, mask in masks.photos.items()}
        return _changed(plan, replace(masks, objects=objects).with_photos(rest))


def kept_ids(masks: Masks, id_: int, spares: bool) -> frozenset[int]:
    """Objects whose pixels stay when `id_` is painted."""
    if not spares:
        return masks.locked
    things = {each.id for each in masks.objects if each.role is not Role.BACKGROUND}
    return masks.locked | (things - {id_})


def _only_first(one: Codes, two: Codes) -> Codes:
    """Where `one` is and `two` is not."""
    return np.where(two != 0, np.uint16(0), one)


def _with(plan: Plan, photo: str, change: Callable[[PhotoMask], PhotoMask]) -> Plan:
    before = mask_of(plan, photo)
    after = change(before)
    if after is before:
        return plan
    return _changed(plan, plan.masks.with_photos({photo: after}))


def _changed(plan: Plan, masks: Masks) -> Plan:
    return plan if masks is plan.masks else replace(plan, masks=masks)


def _with_objects(masks: Masks, objects: tuple[SceneObject, ...]) -> Masks:
    present = {each.id for each in masks.objects}
    added = tuple(each for each in objects if each.id not in present)
    if not added:
        return masks
    own = [each.id for each in added if each.role is not Role.IGNORE]
    return replace(
        masks,
        objects=(*masks.objects, *added),
        next_id=max([masks.next_id, *(id_ + 1 for id_ in own)]),
    )


def _check_size(plan: Plan, name: str, mask: PhotoMask) -> None:
    blank = mask_of(plan, name)
    if (mask.height, mask.width) != (blank.height, blank.width):
        raise ValueError(f"{name} is {blank.width} x {blank.height}, the mask is another size")
