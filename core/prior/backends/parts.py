"""The parts of a pipeline, each read by the package that wrote it and checked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.errors import UserError
from core.prior.backends.files import (
    AGAIN,
    OTHERWISE,
    find_weights,
    first_line,
    imported,
    read_json,
)
from core.prior.backends.offload import settled


@dataclass(frozen=True)
class Place:
    """Where networks compute and in what, `in_turn` for cards that cannot hold a whole one.

    `wide`: halves are of the kind that reaches as far as float32, for networks that outgrow the
    other one.
    """

    device: torch.device
    half: bool = False
    in_turn: bool = False
    wide: bool = False

    @property
    def dtype(self) -> torch.dtype:
        """What networks compute in."""
        if not self.half:
            return torch.float32
        return torch.bfloat16 if self.wide else torch.float16


def load_part(folder: Path, part: str, kind: str, place: Place, home: Any = None) -> Any:
    """The network in the folder `part` of `folder`, of the class `kind`, ready to be asked.

    `part` may be "." for a folder of one network; `home`: what has the class, where no package
    itself has it. Raises `UserError` where it is missing, cut off, of another class, or does not
    fit its own settings.
    """
    config = read_json(folder / part, "config.json")
    said = config.get("_class_name") or next(iter(config.get("architectures") or ()), None)
    if isinstance(said, list):
        said = said[-1]
    if said is not None and said != kind:
        raise UserError(f"In {folder}, {part} is a {said}, no {kind}.", hint=OTHERWISE)
    weights = find_weights(folder, part, place.half)
    ours = home or imported("diffusers" if "_class_name" in config else "transformers")
    asked: dict[str, Any] = {
        "local_files_only": True,
        "output_loading_info": True,
        "ignore_mismatched_sizes": True,
        "use_safetensors": weights.safe,
        "variant": weights.variant or None,
    }
    if "_class_name" in config:
        asked |= {"torch_dtype": place.dtype, "low_cpu_mem_usage": False}
    else:
        asked["dtype"] = place.dtype
    try:
        model, told = getattr(ours, kind).from_pretrained(str(folder / part), **asked)
    except Exception as error:
        raise UserError(
            f"In {folder}, {part} cannot be read ({first_line(error)}).", hint=AGAIN
        ) from error
    wrong = [*told["missing_keys"], *told["mismatched_keys"], *told["unexpected_keys"]]
    wrong = [each for each in wrong if "position_ids" not in str(each)]
    if wrong:
        raise misfit(folder, part, len(wrong))
    return settled(model, place.device, place.dtype, place.in_turn)


def misfit(folder: Path, part: str, count: int) -> UserError:
    """What is said of weights that are not those of the network beside them."""
    return UserError(
        f"In {folder}, the weights of {part} do not fit its config.json: {count} are missing, "
        "too many or of another size.",
        hint=AGAIN,
    )


def not_together(folder: Path, what: str) -> UserError:
    """What is said of parts that are each whole, and of different models."""
    return UserError(
        f"The parts in {folder} do not belong together: {what}.",
        hint="Use the folder as it was published. " + OTHERWISE,
    )


def finite(answer: Tensor, what: str) -> Tensor:
    """`answer`, if it is all numbers; raises `UserError` otherwise."""
    if not torch.isfinite(answer).all():
        raise UserError(
            f"The prior's {what} answered with values that are not numbers.",
            hint="Let it compute in full precision, or choose another model.",
        )
    return answer
