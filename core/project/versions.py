"""Versions of the manifest: older ones are brought to the present one, later ones are refused."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.errors import UserError
from core.project.layout_file import layout_of_version_3, layout_of_version_7, layout_to_json
from core.project.manifest import damaged
from core.project.mask_files import masks_to_json
from core.scene.camera_path import CameraPath, path_to_json
from core.scene.layout import Layout
from core.segment.masks import Masks

# A program that knows only an older version would lose what came with later ones when it saves.
VERSION = 10
Content = Mapping[str, Any]


def _with_masks(content: Content) -> Content:
    return {**content, "masks": masks_to_json(Masks())}


def _with_layout(content: Content) -> Content:
    empty = {key: value for key, value in layout_to_json(Layout()).items() if key != "cuts"}
    return {**content, "layout": {**empty, "erased": []}}


def _with_cuts(content: Content) -> Content:
    return {**content, "layout": layout_of_version_3(content["layout"])}


def _with_additions(content: Content) -> Content:
    return {**content, "additions": []}


def _with_data(content: Content) -> Content:
    """Arrays and masks lay beside the manifest; objects changed by words were not kept apart."""
    return {**content, "data": ".", "reworks": [], "training": False}


def _with_path(content: Content) -> Content:
    return {**content, "path": path_to_json(CameraPath())}


def _with_shadows(content: Content) -> Content:
    return {**content, "layout": layout_of_version_7(content["layout"])}


def _with_stances(content: Content) -> Content:
    return {**content, "stances": {}}


def _with_relabels(content: Content) -> Content:
    """Objects that were split off could not be changed by words."""
    return {**content, "reworks": [{**each, "relabels": []} for each in content["reworks"]]}


# What makes the next version of each.
STEPS: dict[int, Callable[[Content], Content]] = {
    1: _with_masks,
    2: _with_layout,
    3: _with_cuts,
    4: _with_additions,
    5: _with_data,
    6: _with_path,
    7: _with_shadows,
    8: _with_stances,
    9: _with_relabels,
}


def newest(content: object, file: Path) -> Content:
    """The manifest `content` of `file` as the present version has it. Raises `UserError`."""
    version = content.get("version") if isinstance(content, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise damaged(file, "it has no version")
    assert isinstance(content, dict)
    if version > VERSION:
        raise UserError(
            f"{file.parent} was written by a later Maquette (project version {version}; "
            f"this one knows {VERSION}).",
            hint="Install the newest Maquette.",
        )
    found: Content = content
    for number in range(version, VERSION):
        found = {**STEPS[number](found), "version": number + 1}
    return found
