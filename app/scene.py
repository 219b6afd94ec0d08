"""The scene that a path on the command line means."""

from pathlib import Path

from core.errors import UserError
from core.export.any_ply import read_splats
from core.gaussians.table import Gaussians
from core.pipeline.outputs import PROJECT
from core.project.folder import is_project, open_project


def open_scene(path: Path) -> Gaussians:
    """The Gaussians of a project, of the folder that reconstruct wrote, or of a splat file.

    Raises `UserError`.
    """
    if not path.exists():
        raise UserError(f"There is no file or folder {path}.", hint="Check the spelling.")
    if path.is_file():
        return read_splats(path)
    inside = path / PROJECT
    return open_project(inside if is_project(inside) and not is_project(path) else path).gaussians
