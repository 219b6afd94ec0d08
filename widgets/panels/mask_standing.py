"""Whose the mask of each photo is, in words and as an icon."""

from PySide6.QtCore import QCoreApplication

from core.scene.document import State
from core.segment.labels import Standing

translate = QCoreApplication.translate

# By what the icon is coloured: a field of the theme.
ROLES = {Standing.USER: "accent", Standing.PROPAGATED: "good", Standing.DOUBTFUL: "warning"}
ICONS = {
    Standing.USER: "mask-user",
    Standing.PROPAGATED: "mask-propagated",
    Standing.DOUBTFUL: "mask-doubtful",
}


def standing_of(state: State, name: str) -> Standing:
    """Whose the mask of the photo `name` is."""
    mask = state.plan.masks.photos.get(name)
    return Standing.NONE if mask is None else mask.standing


def standing_words(standing: Standing) -> str:
    """A sentence."""
    words = {
        Standing.NONE: translate("Masks", "Nothing is marked in it yet."),
        Standing.USER: translate("Masks", "Its mask is yours."),
        Standing.PROPAGATED: translate("Masks", "Its mask was carried over from other photos."),
        Standing.DOUBTFUL: translate(
            "Masks", "Its mask was carried over and is doubtful: look at it."
        ),
    }
    return words[standing]
