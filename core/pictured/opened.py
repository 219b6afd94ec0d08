"""Any maker of objects from a folder: which adapter it takes is read from what lies in it."""

from core.errors import UserError
from core.pictured.packages import open_package
from core.pictured.protocol import UNTIL, Maker
from core.prior.backends.files import find_folder
from core.prior.backends.shap_e import SHAP_E, load_shap_e


def open_maker(place: str, *, device: str = "cpu") -> Maker:
    """The maker at `place`: a folder, or the hub name of one that is on this machine.

    Raises `Unavailable` where nothing is there or its package is missing, and `UserError` for
    files that are missing, cut off or of something else. Nothing is downloaded.
    """
    folder = find_folder(place)
    found = open_package(folder)
    if found is not None:
        return found
    if (folder / "model_index.json").is_file():
        return load_shap_e(place, device=device)
    raise UserError(
        f"{folder} holds {SHAP_E.what} of no kind that is known here.",
        hint=f"Shap-E, TRELLIS, Hunyuan3D 2 and SAM 3D Objects are, as published. {UNTIL}",
    )
