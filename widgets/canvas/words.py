"""What is written over the photo: how large it is shown, and what is under the mouse."""

from PySide6.QtCore import QCoreApplication

from core.segment.labels import SceneObject
from widgets.canvas.drags import Place
from widgets.canvas.tools import Tools
from widgets.canvas.view import PhotoView

translate = QCoreApplication.translate


def place_words(tools: Tools, view: PhotoView, place: Place | None) -> tuple[str, ...]:
    """The size of the photo on the screen, the pixel and object at `place`, and why painting may
    seem to do nothing."""
    if not tools.ready:
        return ()
    words = [f"{100 * view.sight.scale * view.devicePixelRatioF():.0f} %"]
    pixel = tools.pixel(place) if place is not None else None
    if place is not None and pixel is not None:
        words.append(f"{pixel[0]}, {pixel[1]}")
        label = tools.label_at(place)
        known = {each.id: each for each in tools.masks.objects}
        if label in known:
            words.append(object_name(known[label]))
    name = object_name(tools.object)
    if tools.object.locked:
        words.append(translate("Masks", "{name} is locked").format(name=name))
    if not tools.object.visible:
        words.append(translate("Masks", "{name} is hidden").format(name=name))
    return tuple(words)


def object_name(thing: SceneObject) -> str:
    """The object's name; of those that every project has, in the user's language."""
    ours = {
        "Background": translate("Objects", "Background"),
        "Floor": translate("Objects", "Floor"),
        "Left out": translate("Objects", "Left out"),
    }
    return ours.get(thing.name, thing.name)
