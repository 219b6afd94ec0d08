"""What is known about a photo and about the scene, as names and values for people."""

from PySide6.QtCore import QCoreApplication

from core.capture.lens import SPHERICAL_MODELS
from core.capture.photos import Photo
from core.gaussians.arrays import SplatArrays
from core.scene.document import State
from core.scene.shown import PointCloud, TriangleMesh
from widgets.panels.activity import psnr_words
from widgets.panels.photo_status import photo_status

translate = QCoreApplication.translate
Facts = tuple[tuple[str, str], ...]
DARK, BRIGHT = 0.2, 0.8  # mean brightness beyond which a photo is said to be so


def photo_facts(state: State) -> Facts:
    """Of the selected photo; nothing where none is."""
    capture = state.plan.capture
    photo = next((p for p in (capture.photos if capture else ()) if p.name == state.selected), None)
    if photo is None:
        return ()
    status = photo_status(state, photo.name)
    size = translate("Facts", "{width} by {height} px")
    told = [
        (translate("Facts", "Name"), photo.name),
        (translate("Facts", "Status"), status.detail or _sentence(status.words)),
        (translate("Facts", "Size"), size.format(width=photo.width, height=photo.height)),
        (translate("Facts", "Focal length"), _focal(state, photo)),
        (translate("Facts", "Camera"), photo.camera or translate("Facts", "unknown")),
        (translate("Facts", "Sharpness"), _sharpness(photo)),
        (translate("Facts", "Brightness"), _brightness(photo)),
    ]
    return tuple(told)


def scene_facts(state: State) -> Facts:
    """Of what is in the viewport and how it came about."""
    told: list[tuple[str, str]] = []
    match state.content:
        case SplatArrays() as splats:
            told.append((translate("Facts", "Gaussians"), f"{len(splats):,}"))
        case PointCloud() as points:
            told.append((translate("Facts", "Points"), f"{len(points):,}"))
        case TriangleMesh() as mesh:
            told.append((translate("Facts", "Triangles"), f"{len(mesh):,}"))
    if state.step is not None:
        step = state.step
        done = f"{step.iteration:,}"
        if step.iterations > step.iteration:
            done = translate("Facts", "{done} of {all}").format(
                done=done, all=f"{step.iterations:,}"
            )
        told.append((translate("Facts", "Iterations"), done))
        psnr = psnr_words(step.psnr, None).removeprefix("PSNR ")
        if psnr:
            told.append((translate("Facts", "PSNR"), psnr))
    if state.reconstruction is not None:
        told += [
            (translate("Facts", "Placed photos"), f"{len(state.reconstruction.photos):,}"),
            (
                translate("Facts", "Sparse points"),
                f"{len(state.reconstruction.points.positions):,}",
            ),
            (
                translate("Facts", "Floor"),
                translate("Facts", "found")
                if state.reconstruction.floor_found
                else translate("Facts", "not found"),
            ),
        ]
    if state.split is not None:
        words = translate("Facts", "{train} to train, {test} to test").format(
            train=len(state.split.train), test=len(state.split.test)
        )
        told.append((translate("Facts", "Photos used"), words))
    return tuple(told)


def _focal(state: State, photo: Photo) -> str:
    """As found out where the photo is placed, else as the file tells it."""
    placed = state.reconstruction.photos if state.reconstruction is not None else ()
    lens = next((other.lens for other in placed if other.name == photo.name), None)
    if lens is not None and lens.params and lens.model not in SPHERICAL_MODELS:
        return translate("Facts", "{px} px, worked out").format(px=round(lens.params[0]))
    if photo.focal_px is not None:
        return translate("Facts", "{px} px, from the file").format(px=round(photo.focal_px))
    return translate("Facts", "unknown")


def _sharpness(photo: Photo) -> str:
    words = translate("Facts", "blurred") if photo.quality.blurred else translate("Facts", "good")
    return f"{words} ({photo.quality.sharpness:.3g})"


def _brightness(photo: Photo) -> str:
    exposure = photo.quality.exposure
    if exposure < DARK:
        words = translate("Facts", "dark")
    elif exposure > BRIGHT:
        words = translate("Facts", "very bright")
    else:
        words = translate("Facts", "good")
    return f"{words} ({100 * exposure:.0f} %)"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
