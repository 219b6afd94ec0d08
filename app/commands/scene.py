"""The scene that a path on the command line means."""

from dataclasses import replace
from pathlib import Path

from core.errors import UserError
from core.export.any_file import read_splats
from core.gaussians.table import Gaussians
from core.pipeline.outputs import PROJECT
from core.project.folder import is_project, open_project
from core.scene.compose import compose
from core.scene.layout import Ground


def open_scene(path: Path, *, grounded: bool = True) -> Gaussians:
    """The Gaussians of a project, of the folder that reconstruct wrote, or of a splat file.

    Those of a project as its layout has them; unless `grounded`, in the frame of its photos'
    cameras. Raises `UserError`.
    """
    if not path.exists():
        raise UserError(f"There is no file or folder {path}.", hint="Check the spelling.")
    if path.is_file():
        return read_splats(path)
    inside = path / PROJECT
    project = open_project(inside if is_project(inside) and not is_project(path) else path)
    layout = project.layout if grounded else replace(project.layout, ground=Ground())
    return compose(project.scene, layout)
