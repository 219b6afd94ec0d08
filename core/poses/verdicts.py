"""What the user is told about each photo, and about the whole."""

from collections.abc import Mapping, Sequence

from core.capture.photos import Capture, Photo
from core.capture.reconstruction import Verdict
from core.errors import UserError
from core.poses.choice import Choice, contradicted_pairs, contradicted_photos, typical_focal
from core.poses.evidence import PairFit
from core.poses.matching import Overlap

# Fewer features than this give a photo nothing to be placed by.
FEWEST_FEATURES = 150
# Photos with at least this many matches certainly show the same things.
MANY_MATCHES = 60
# Places that may well be off by more than this, in degrees, are doubted.
UNSURE_DEGREES = 5.0
# Among more photos some pairs always have false matches, so that only whole photos are doubted.
FEW_PLACED = 10


def only_turned(overlaps: Sequence[Overlap]) -> bool:
    """Whether all photos that surely overlap differ by turns of the camera alone."""
    sure = [overlap for overlap in overlaps if overlap.matches >= MANY_MATCHES]
    return bool(sure) and all(overlap.turned for overlap in sure)


def verdicts(
    capture: Capture,
    placed: Mapping[str, int],
    features: Sequence[int],
    overlaps: Sequence[Overlap],
) -> tuple[Verdict, ...]:
    """A sentence for each photo. `placed`: name of a photo -> points that it sees.

    `features`: how many were found in each photo.
    """
    told = []
    indices = {i for i, photo in enumerate(capture.photos) if photo.name in placed}
    for i, photo in enumerate(capture.photos):
        if i in indices:
            told.append(Verdict(photo.name, True, f"Placed by {placed[photo.name]} points."))
        else:
            words = _why_not(capture, i, indices, features[i], overlaps)
            told.append(Verdict(photo.name, False, words))
    return tuple(told)


def refusal(capture: Capture, features: Sequence[int], overlaps: Sequence[Overlap]) -> UserError:
    """Why no photo at all could be placed, and what to do."""
    empty = [p.name for p, n in zip(capture.photos, features, strict=True) if n < FEWEST_FEATURES]
    if len(empty) > len(capture.photos) - 2:
        return UserError(
            f"There is too little to hold on to in {_listed(empty)}.",
            hint="Photograph something with texture, in good light, and hold the camera still.",
        )
    best = max(overlaps, key=lambda overlap: overlap.matches, default=None)
    if best is None or best.matches < MANY_MATCHES:
        found = 0 if best is None else best.matches
        return UserError(
            f"No two of the {len(capture.photos)} photos show enough of the same things "
            f"(at best {found} matches).",
            hint="Take photos that overlap: a step to the side between them, and the same "
            "things in each.",
        )
    names = capture.photos[best.first].name, capture.photos[best.second].name
    return UserError(
        f"The photos seem to be taken from one place: {names[0]} and {names[1]} share "
        f"{best.matches} matches, but nothing moves between them.",
        hint="Walk around the scene: turning or zooming on the spot gives no depth.",
    )


def warnings(
    capture: Capture,
    choice: Choice,
    fits: Sequence[PairFit],
    overlaps: Sequence[Overlap],
    likely_degrees: float = 0.0,
) -> tuple[str, ...]:
    """Sentences on what may be wrong with the chosen model, and what would help.

    `fits` and `overlaps`: of all pairs, as `pair_fits` and `overlaps` tell them;
    `likely_degrees`: as `likely_error` tells it.
    """
    model = choice.model
    placed = set(model.cameras)
    told = []
    unplaced = len(capture.photos) - len(placed)
    if unplaced:
        told.append(f"{unplaced} of {len(capture.photos)} photos could not be placed.")
    if choice.disputed:
        least, most = choice.focal_range
        told.append(
            f"The places may be wrong: solutions that fit the photos equally well differ by "
            f"{choice.apart:.0f} degrees (focal length {least:.2f} to {most:.2f} times the longer "
            "side). Add photos between these, or photos that carry their focal length (EXIF)."
        )
    if choice.loose:
        told.append(
            f"The places may be wrong: only {model.shared} points are seen in three photos or "
            "more. Add photos that overlap more, so that each spot is in at least three."
        )
    if choice.odd_lens:
        told.append(
            f"The places may be wrong: the focal length came out as {typical_focal(model):.2f} "
            "times the longer side, which is unusual unless the lens is very wide or zoomed. Add "
            "photos, or photos that carry their focal length (EXIF)."
        )
    if likely_degrees > UNSURE_DEGREES and len(placed) > 2:
        told.append(
            "The places may be wrong: what the photos share leaves their directions open by "
            f"{_degrees(likely_degrees)}. Add photos between these or from further apart, or "
            "photos that carry their focal length (EXIF)."
        )
    if len(placed) == 2:
        told.append(
            "Only two photos are placed, and nothing checks them: add a third that shows the "
            "same things."
        )
    if all(overlap.flat for overlap in overlaps if {overlap.first, overlap.second} <= placed):
        told.append(
            "The places may be wrong: all that the photos share seems to lie in one plane, or "
            "the camera only turned. Add photos that show things at different distances."
        )
    return (*told, *_contradictions(capture, fits, len(placed)))


def _contradictions(capture: Capture, fits: Sequence[PairFit], placed: int) -> list[str]:
    """Few photos: each pair that does not fit; many: each photo that does not."""
    names = [photo.name for photo in capture.photos]
    if placed <= FEW_PLACED:
        return [
            f"{names[fit.first]} and {names[fit.second]} may be placed wrongly: only {fit.fitting} "
            f"of their {fit.verified} matches fit. Add a photo between them."
            for fit in contradicted_pairs(fits)
        ]
    return [
        f"{names[i]} may be placed wrongly: most of its matches do not fit. "
        "Leave it out, or add photos near it."
        for i in contradicted_photos(fits)
    ]


def check_capture(capture: Capture) -> None:
    """Raise `UserError` where nothing can be solved."""
    left_out = "".join(f" {item.name}: {item.reason}" for item in capture.left_out[:5])
    if len(capture.photos) < 2:
        found = "1 photo" if capture.photos else "No photo"
        raise UserError(
            f"{found} could be used, and places can only be worked out from two or more.{left_out}",
            hint="Take two or more photos from different places.",
        )


def _why_not(
    capture: Capture, i: int, placed: set[int], features: int, overlaps: Sequence[Overlap]
) -> str:
    photo = capture.photos[i]
    if photo.quality.duplicate_of is not None:
        return f"Shows the same picture as {photo.quality.duplicate_of}; take it from elsewhere."
    if photo.quality.blurred:
        return "Blurred; hold the camera still, or give it more light."
    if features < FEWEST_FEATURES:
        return f"Nothing to hold on to (only {features} features); show more of the surroundings."
    best_placed = _best_neighbor(i, overlaps, placed)
    best = _best_neighbor(i, overlaps, None)
    if best is None or best[1] < MANY_MATCHES // 4:
        return "Shows nothing that the other photos show; take photos between it and them."
    if best_placed is None or best_placed[1] < best[1] / 2:
        name = capture.photos[best[0]].name
        return (
            f"Shares {best[1]} matches with {name}, but neither is tied to the photos that were "
            "placed; take photos between the two groups."
        )
    return _too_few(capture.photos[best_placed[0]], best_placed[1])


def _too_few(neighbor: Photo, matches: int) -> str:
    if matches < MANY_MATCHES:
        return (
            f"Shares only {matches} matches with its best neighbour ({neighbor.name}); "
            "take one between them."
        )
    return (
        f"Its {matches} matches with {neighbor.name} do not fit the other photos; "
        "take another between them."
    )


def _best_neighbor(
    i: int, overlaps: Sequence[Overlap], among: set[int] | None
) -> tuple[int, int] | None:
    """The photo with most matches to photo `i`, and how many; of `among` if that is given."""
    found = [
        (overlap.matches, overlap.second if overlap.first == i else overlap.first)
        for overlap in overlaps
        if i in (overlap.first, overlap.second)
    ]
    found = [item for item in found if among is None or item[1] in among]
    return (max(found)[1], max(found)[0]) if found else None


def _degrees(angle: float) -> str:
    return f"about {angle:.0f} degrees" if angle < 90 else "any angle"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (" and others" if len(names) > 5 else "")
