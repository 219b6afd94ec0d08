"""What has become of each photo, in words and in one of a few kinds."""

from dataclasses import dataclass, replace
from enum import Enum

from PySide6.QtCore import QCoreApplication

from core.capture.photos import Photo
from core.capture.reconstruction import Verdict
from core.scene.document import State
from core.segment.labels import Standing as MaskStanding

translate = QCoreApplication.translate


class Standing(Enum):
    """What a photo is to the scene; the value names its icon."""

    PLACED = "placed"
    NOT_PLACED = "not-placed"
    BLURRED = "blurred"
    DUPLICATE = "duplicate"
    HELD_OUT = "held-out"
    EXCLUDED = "excluded"
    LEFT_OUT = "left-out"
    WAITING = "waiting"


# By what the words are coloured: a field of the theme.
ROLES = {
    Standing.PLACED: "good",
    Standing.NOT_PLACED: "error",
    Standing.BLURRED: "warning",
    Standing.DUPLICATE: "warning",
    Standing.HELD_OUT: "info",
    Standing.EXCLUDED: "soft",
    Standing.LEFT_OUT: "soft",
    Standing.WAITING: "soft",
}


@dataclass(frozen=True)
class PhotoStatus:
    """`words` fit on a line; `detail` says more, with what would help, or is empty.

    `mask`: whose the photo's mask is.
    """

    standing: Standing
    words: str
    detail: str = ""
    mask: MaskStanding = MaskStanding.NONE


def photo_status(state: State, name: str) -> PhotoStatus:
    """What has become of the photo or unusable file `name`. Raises KeyError if there is none."""
    return photo_statuses(state)[name]


def photo_statuses(state: State) -> dict[str, PhotoStatus]:
    """Of all photos in their order, then of the files that could not be used."""
    capture = state.plan.capture
    if capture is None:
        return {}
    verdicts = _verdicts(state)
    answer = {
        photo.name: _status(
            photo,
            verdicts.get(photo.name),
            placing_done=state.reconstruction is not None,
            excluded=photo.name in state.plan.excluded,
            held_out=photo.name in state.plan.held_out,
        )
        for photo in capture.photos
    }
    for name, mask in state.plan.masks.photos.items():
        answer[name] = replace(answer[name], mask=mask.standing)
    for file in capture.left_out:
        words = translate("PhotoStatus", "left out: {why}").format(why=_begun(file.reason))
        answer.setdefault(file.name, PhotoStatus(Standing.LEFT_OUT, words, file.reason))
    return answer


def _verdicts(state: State) -> dict[str, Verdict]:
    """By name; a reconstruction read from a file has places but may lack verdicts."""
    if state.reconstruction is None:
        return {}
    placed = {
        photo.name: Verdict(photo.name, placed=True, words="")
        for photo in state.reconstruction.photos
    }
    return placed | {verdict.name: verdict for verdict in state.reconstruction.verdicts}


def _status(
    photo: Photo, verdict: Verdict | None, *, placing_done: bool, excluded: bool, held_out: bool
) -> PhotoStatus:
    detail = verdict.words if verdict is not None else ""
    if excluded:
        return PhotoStatus(Standing.EXCLUDED, translate("PhotoStatus", "excluded"), detail)
    placed = verdict is not None and verdict.placed
    if verdict is not None and not placed:
        return _missed(photo, verdict, held_out)
    if held_out:
        words = (
            translate("PhotoStatus", "held out for testing")
            if placed
            else translate("PhotoStatus", "to be held out")
        )
        return PhotoStatus(Standing.HELD_OUT, words, detail)
    if placed:
        words = (
            translate("PhotoStatus", "placed, though blurred")
            if photo.quality.blurred
            else translate("PhotoStatus", "placed")
        )
        return PhotoStatus(Standing.PLACED, words, detail)
    if photo.quality.duplicate_of is not None:
        return PhotoStatus(Standing.DUPLICATE, _copy_of(photo))
    if photo.quality.blurred:
        return PhotoStatus(Standing.BLURRED, translate("PhotoStatus", "blurred"))
    words = (
        translate("PhotoStatus", "new, not placed yet")
        if placing_done
        else translate("PhotoStatus", "ready")
    )
    return PhotoStatus(Standing.WAITING, words)


def _missed(photo: Photo, verdict: Verdict, held_out: bool) -> PhotoStatus:
    """Of a photo for which no place was found."""
    if photo.quality.duplicate_of is not None:
        return PhotoStatus(Standing.DUPLICATE, _copy_of(photo), verdict.words)
    if photo.quality.blurred:
        return PhotoStatus(
            Standing.BLURRED, translate("PhotoStatus", "not placed: blurred"), verdict.words
        )
    words = (
        translate("PhotoStatus", "held out, but not placed: {why}")
        if held_out
        else translate("PhotoStatus", "not placed: {why}")
    )
    return PhotoStatus(Standing.NOT_PLACED, words.format(why=_begun(verdict.words)), verdict.words)


def _copy_of(photo: Photo) -> str:
    return translate("PhotoStatus", "duplicate of {name}").format(name=photo.quality.duplicate_of)


def _begun(sentence: str) -> str:
    """The first clause of a sentence, as it reads after a colon."""
    clause = sentence.split(";")[0].strip().rstrip(".")
    word = clause.split(" ")[0]
    # A name or an abbreviation keeps its letters.
    return (
        clause if word[1:] != word[1:].lower() or "." in word else clause[:1].lower() + clause[1:]
    )


def header(state: State) -> str:
    """The strip's head line: how many photos, and how many of them are placed."""
    capture = state.plan.capture
    if capture is None or not (capture.photos or capture.left_out):
        return translate("PhotoStatus", "No photos yet")
    parts = [counted(len(capture.photos))]
    if state.reconstruction is not None:
        present = {photo.name for photo in capture.photos}
        placed = sum(photo.name in present for photo in state.reconstruction.photos)
        parts.append(translate("PhotoStatus", "{count} placed").format(count=placed))
    if state.plan.excluded:
        parts.append(
            translate("PhotoStatus", "{count} excluded").format(count=len(state.plan.excluded))
        )
    return ", ".join(parts)


def counted(photos: int) -> str:
    """ "1 photo", "12 photos"."""
    return translate("PhotoStatus", "%n photo(s)", "", photos).replace(
        "photo(s)", "photo" if photos == 1 else "photos"
    )
