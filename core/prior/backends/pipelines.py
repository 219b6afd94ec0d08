"""Whole pipelines of diffusers from a folder, each of their networks read and checked alone."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Unavailable, UserError
from core.prior.backends.files import AGAIN, find_folder, first_line, imported, parts_of, read_json
from core.prior.backends.parts import Place, load_part
from core.progress import Progress

WITHOUT_WEIGHTS = (
    *("Tokenizer", "TokenizerFast", "Processor", "ProcessorFast", "ProcessorPil"),
    *("Scheduler", "FeatureExtractor"),
)


@dataclass(frozen=True)
class Wanted:
    """What a folder may hold: `classes` of diffusers, `what` they are for people, and `until`."""

    classes: tuple[str, ...]
    what: str
    until: str


def pipeline_kind(folder: Path, wanted: Wanted) -> str:
    """The class of the pipeline in `folder`, by its settings alone. Raises `UserError`."""
    if not (folder / "model_index.json").is_file():
        raise UserError(
            f"{folder} holds no model: model_index.json is missing there.",
            hint=f"Choose the folder that this file is in. {wanted.until}",
        )
    name = read_json(folder, "model_index.json").get("_class_name")
    name = str(name[-1] if isinstance(name, list) and name else name)
    if name not in wanted.classes:
        raise UserError(
            f"{folder} is a {name}, and {wanted.what} is wanted.",
            hint=f"That is: {', '.join(wanted.classes)}. {wanted.until}",
        )
    return name


def load_pipeline(place: str, wanted: Wanted, where: Place) -> tuple[str, Any]:
    """The pipeline at `place`, see `find_folder`, ready to be asked, and its class.

    Raises `Unavailable` where nothing is there, or the installed diffusers does not know it or
    lacks a package for it, and `UserError` for files that are missing, cut off or of something
    else. Nothing is downloaded.
    """
    folder = find_folder(place)
    kind = pipeline_kind(folder, wanted)
    diffusers = imported("diffusers")
    made = getattr(diffusers, kind, None)
    if made is None:
        raise Unavailable(
            f"The installed diffusers does not know {kind}.",
            hint=f"Run: pip install -U diffusers. {wanted.until}",
        )
    # What it logs and counts on the terminal is for programmers; what matters is raised.
    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    networks = _networks(folder, diffusers, where)
    try:
        with quiet():
            pipeline = made.from_pretrained(str(folder), local_files_only=True, **networks)
    except ImportError as error:
        raise Unavailable(
            f"{kind} needs a package that is not installed ({first_line(error)}).",
            hint=f"Install it with pip. {wanted.until}",
        ) from error
    except Exception as error:
        raise UserError(
            f"{folder} cannot be opened as a {kind} ({first_line(error)}).", hint=AGAIN
        ) from error
    pipeline.set_progress_bar_config(disable=True)
    return kind, pipeline


def _networks(folder: Path, diffusers: Any, where: Place) -> dict[str, Any]:
    """Those parts that have weights; tokenizers and the like are left to the package."""
    index = read_json(folder, "model_index.json")
    found = {}
    for part, kind in parts_of(index).items():
        home = None
        if not any((folder / part).glob("*")):  # tokenizers are made up where there is none
            raise UserError(f"In {folder}, {part} is missing.", hint=AGAIN)
        if index[part][0] not in ("diffusers", "transformers"):
            home = getattr(diffusers.pipelines, str(index[part][0]), None)
            config = folder / part / "config.json"
            if not config.is_file() or "_class_name" not in read_json(folder / part, config.name):
                continue
        if not kind.endswith(WITHOUT_WEIGHTS):
            found[part] = load_part(folder, part, kind, where, home)
    return found


def stepped(
    call: Callable[..., Any], steps: int, words: str, asked: dict[str, Any]
) -> Iterator[Progress | Any]:
    """What a pipeline answers when it is `asked`, which comes last.

    It cannot be interrupted between its steps: who wants to stop it ends its process.
    """
    yield Progress(words, 0, steps)
    with failures_told(), quiet():
        answer = call(num_inference_steps=steps, **asked)
    yield Progress(words, steps, steps)
    yield answer


@contextmanager
def quiet() -> Iterator[None]:
    """Without what packages deprecate among themselves, which is nothing to the user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        yield


@contextmanager
def failures_told() -> Iterator[None]:
    """What packages raise inside, as a `UserError`: they raise whatever comes to their minds."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        memory = isinstance(error, MemoryError) or "out of memory" in str(error).lower()
        said = "there is not enough memory for it" if memory else first_line(error)
        raise UserError(
            f"The network could not answer: {said}.", hint="Choose a smaller one."
        ) from error


def check_pictures(found: Sequence[Any]) -> NDArray[np.float32]:
    """The first picture [H, W, 3], all numbers. Raises `UserError`."""
    picture = np.asarray(found[0], np.float32)
    if not np.isfinite(picture).all():
        raise UserError(
            "The network answered with values that are not numbers.",
            hint="Let it compute in full precision, or choose another model.",
        )
    return picture
