"""Folders as diffusers writes them: where they are, what is in them, whether they are whole."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Unavailable, UserError

AGAIN = "Download the folder again, all of its files."
OTHERWISE = "Choose another folder; until then, unseen sides stay as the photos leave them."
INSTALL = "Run: pip install 'maquette[prior]'. " + OTHERWISE
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
HALF = "fp16"  # how files in half precision are marked


@dataclass(frozen=True)
class Weights:
    """Which of a part's files to read: its variant ("" or "fp16"), and whether as safetensors."""

    variant: str
    safe: bool
    files: tuple[Path, ...]


def find_folder(place: str) -> Path:
    """The folder at `place`: a path, or a hub name that was downloaded to this machine.

    Nothing is downloaded from here. Raises `Unavailable` where there is none.
    """
    path = Path(place).expanduser()
    if path.is_dir():
        return path
    if path.is_file():
        raise UserError(
            f"{path.name} is a single file, and a folder with a model_index.json is wanted.",
            hint="Use the model in the layout of diffusers. " + OTHERWISE,
        )
    if HUB_NAME.fullmatch(place):
        imported("huggingface_hub")
        found = downloaded(place)
        if found is not None:
            return found
        raise Unavailable(
            f"{place} is neither a folder nor a model that was downloaded to this machine.",
            hint=f"Run: hf download {place}. Nothing is downloaded without being asked for.",
        )
    raise Unavailable(f"There is no folder {path}.", hint=OTHERWISE)


def downloaded(name: str) -> Path | None:
    """The folder of the model of this hub name, where that was downloaded; None else."""
    if not HUB_NAME.fullmatch(name) or Path(name).exists():
        return None
    try:
        return Path(__import__("huggingface_hub").snapshot_download(name, local_files_only=True))
    except Exception as error:  # noqa: BLE001 - each of its versions raises others
        # Where files that are never read were left out, it says so; what is read is checked.
        partial = getattr(error, "snapshot_path", None)
        return Path(partial) if partial is not None and Path(partial).is_dir() else None


def read_json(folder: Path, name: str) -> dict[str, Any]:
    """The settings in a file of `folder`. Raises `UserError` for what is missing or damaged."""
    try:
        told = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"In {folder}, {name} is missing or damaged.", hint=AGAIN) from error
    if not isinstance(told, dict):
        raise UserError(f"In {folder}, {name} holds no settings.", hint=AGAIN)
    return told


def parts_of(index: Mapping[str, Any]) -> dict[str, str]:
    """The class of each part that a model_index.json tells of, those left out omitted."""
    return {
        part: str(told[1])
        for part, told in index.items()
        if isinstance(told, list) and len(told) == 2 and told[1] and not part.startswith("_")
    }


def find_weights(folder: Path, part: str, half: bool) -> Weights:
    """What to read of a part's folder: safetensors before .bin, the precision asked for before
    the other. Raises `UserError` where there is nothing, or it is cut off.
    """
    stems = {True: ("diffusion_pytorch_model", "model"), False: ("diffusion_pytorch_model",)}
    stems[False] += ("pytorch_model",)
    order = (HALF, "") if half else ("", HALF)
    for safe in (True, False):
        ending = "safetensors" if safe else "bin"
        for variant in order:
            marked = f"{variant}.{ending}" if variant else ending
            for stem in stems[safe]:
                files = _listed(folder / part, f"{stem}.{marked}", f"{stem}.{ending}", variant)
                if files:
                    for file in files:
                        _check_whole(file, part)
                    return Weights(variant, safe, files)
    raise UserError(f"In {folder}, {part} has no weights.", hint=AGAIN)


def imported(name: str) -> Any:
    """The package of this name. Raises `Unavailable` where it is missing or cannot start."""
    try:
        return __import__(name)
    except Exception as error:
        missing = getattr(error, "name", None)
        what = f"{missing} is not installed" if missing else first_line(error)
        raise Unavailable(f"The prior cannot start: {what}.", hint=INSTALL) from error


def first_line(error: BaseException) -> str:
    """What a package says of a failure: its first sentence, short enough to be quoted."""
    lines = str(error).strip().splitlines()
    return lines[0].split(". ")[0].rstrip(".")[:160] if lines else type(error).__name__


def _listed(folder: Path, name: str, plain: str, variant: str) -> tuple[Path, ...]:
    """The file, or those that its index lists; none where neither is there."""
    if (folder / name).is_file():
        return (folder / name,)
    names = (f"{name}.index.json", f"{plain}.index.{variant}.json")
    for index in names if variant else names[:1]:
        if (folder / index).is_file():
            told = read_json(folder, index).get("weight_map")
            shards = sorted(set(told.values())) if isinstance(told, dict) else []
            return tuple(folder / str(shard) for shard in shards)
    return ()


def _check_whole(file: Path, part: str) -> None:
    """Raises `UserError` where `file` is missing, or shorter than its own header says."""
    if not file.is_file():
        raise UserError(f"{part} lacks its file {file.name}, in {file.parent}.", hint=AGAIN)
    if file.suffix != ".safetensors":
        return
    try:
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            header = json.loads(stream.read(min(length, 100_000_000)))
        ends = [told["data_offsets"][1] for name, told in header.items() if name != "__metadata__"]
        whole = file.stat().st_size == 8 + length + max(ends, default=0)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise UserError(
            f"{file.name} of {part} is cut off or damaged, in {file.parent}.",
            hint="Download it again and compare its size with the page it comes from.",
        )
