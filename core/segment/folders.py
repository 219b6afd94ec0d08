"""Networks in folders as transformers writes them: what they are, and their weights.

Nothing is ever downloaded from here.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import Unavailable, UserError

AGAIN = "Download the folder again, all of its files."


def model_type(place: str, until: str) -> str:
    """What kind of network `place`, a folder or a hub name that is on this machine, says it is.

    `until`: the end of each hint, what does without it. Raises `Unavailable` where nothing is
    there, and `UserError` where it is no model.
    """
    path = Path(place).expanduser()
    if path.is_dir():
        told = _told_in(path)
        if told is None:
            raise UserError(
                f"The folder {path} holds no model: its config.json is missing or damaged.",
                hint=f"Choose another folder. {until}",
            )
        return told
    try:
        auto = transformers_for(place, until).AutoConfig
        return str(auto.from_pretrained(place, local_files_only=True).model_type)
    except (OSError, ValueError) as error:
        raise Unavailable(
            f"{place} is neither a folder nor a model that was downloaded to this machine.",
            hint=f"Run: hf download {place}. Nothing is downloaded without being asked for.",
        ) from error


def is_of(place: str, kinds: frozenset[str]) -> bool:
    """Whether `place` is a folder that says it is of one of these kinds; opens no network."""
    return _told_in(Path(place).expanduser()) in kinds if place else False


def loaded(
    place: str, name: str, until: str, spared: str = "", renamed: Mapping[str, str] | None = None
) -> Any:
    """The network at `place` as transformers' class `name`, ready to be asked.

    Parts with `spared` in their names may be missing. `renamed`: patterns of the file's names, and
    what the class calls them. Raises `UserError`.
    """
    model_class = getattr(transformers_for(place, until), name, None)
    if model_class is None:
        raise Unavailable(
            f"The installed transformers does not know {name}.",
            hint=f"Run: pip install -U transformers. {until}",
        )
    try:
        model, told = model_class.from_pretrained(
            place,
            local_files_only=True,
            output_loading_info=True,
            key_mapping=None if renamed is None else dict(renamed),
        )
    except Exception as error:
        raise UserError(
            f"The weights in {place} cannot be read ({first_line(error)}).",
            hint=f"{AGAIN} {until}",
        ) from error
    missing = [part for part in told["missing_keys"] if not spared or spared not in part]
    if missing or told["mismatched_keys"]:
        raise UserError(
            f"The weights in {place} do not fit its config.json: "
            f"{len(missing) + len(told['mismatched_keys'])} parts are missing or of another size.",
            hint=f"{AGAIN} {until}",
        )
    return model.eval()


def transformers_for(what: str, until: str) -> Any:
    """The package; raises `Unavailable`, saying that `what` cannot start without it."""
    try:
        import transformers
        import transformers.models.sam
    except Exception as error:
        name = getattr(error, "name", None)
        why = f"{name} is not installed" if name else first_line(error)
        raise Unavailable(
            f"{what} cannot start: {why}.",
            hint=f"Run: pip install 'maquette[sam]'. {until}",
        ) from error
    return transformers


def first_line(error: BaseException) -> str:
    """What an error says, short enough for a sentence."""
    lines = str(error).strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__


def _told_in(path: Path) -> str | None:
    try:
        told = json.loads((path / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(told.get("model_type")) if isinstance(told, dict) else None
