"""Which photos are trained on, and which are kept out to test the scene with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np

from core.errors import UserError


@dataclass(frozen=True)
class Choice:
    """What the user asks for.

    `test_every` K holds out the photos 0, K, 2K ... by name (every eighth is the
    custom); `test` those named. `train` trains on these alone, `num_train` on so
    many, evenly spaced over what is not held out. Names may lack their suffix.
    """

    test_every: int | None = None
    test: tuple[str, ...] = ()
    train: tuple[str, ...] = ()
    num_train: int | None = None


@dataclass(frozen=True)
class Split:
    """Names of photos, sorted. `not_placed`: chosen for the test, but without a camera."""

    train: tuple[str, ...]
    test: tuple[str, ...]
    not_placed: tuple[str, ...] = ()


def split(placed: Sequence[str], names: Sequence[str], choice: Choice) -> Split:
    """Divide the `placed` photos among all `names` as `choice` asks.

    Raises `UserError` for names that are not there, for a photo on both sides,
    and where nothing is left to train on.
    """
    order = sorted(placed)
    test = _named(names, choice.test)
    if choice.test_every is not None:
        test = set(order[:: choice.test_every])
    train = _named(names, choice.train)
    both = sorted(test & train)
    if both:
        raise UserError(
            f"{both[0]} is chosen both for training and for the test.",
            hint="Take it out of one of the two.",
        )
    left = [name for name in order if name not in test and (not train or name in train)]
    if choice.num_train is not None:
        left = evenly(left, choice.num_train)
    if not left:
        raise UserError(
            f"No placed photo is left to train on ({len(order)} placed, {len(test)} held out).",
            hint="Hold out fewer photos.",
        )
    return Split(
        tuple(left),
        tuple(name for name in order if name in test),
        tuple(sorted(test - set(order))),
    )


def evenly(names: Sequence[str], count: int) -> list[str]:
    """`count` of `names`, evenly spaced from the first to the last; all where there are fewer."""
    if count >= len(names):
        return list(names)
    return [names[i] for i in np.round(np.linspace(0, len(names) - 1, count)).astype(int)]


def check_choice(names: Sequence[str], choice: Choice) -> None:
    """Raise what `split` would, and ask for too many, before time is spent on placing."""
    everything = split(names, names, replace(choice, num_train=None))
    if choice.num_train is not None and choice.num_train > len(everything.train):
        raise UserError(
            f"{choice.num_train} photos to train on are more than the {len(everything.train)} "
            "that there are besides the test.",
            hint="Ask for fewer, or leave --num-train out.",
        )


def picture_names(names: Sequence[str]) -> dict[str, str]:
    """The PNG of each photo: its name with that suffix, or after it where two would be the same."""
    stems = [PurePath(name.replace("\\", "/")).stem.casefold() for name in names]
    return {
        name: f"{PurePath(name.replace(chr(92), '/')).stem}.png"
        if stems.count(stem) == 1
        else f"{name.replace(chr(92), '/').strip('/').replace('..', '_').replace('/', '-')}.png"
        for name, stem in zip(names, stems, strict=True)
    }


def _named(names: Sequence[str], wanted: Sequence[str]) -> set[str]:
    """Photos that `wanted` means: by name, letter case aside, or by name without suffix."""
    chosen = set()
    for word in wanted:
        fits = [name for name in names if name.casefold() == word.casefold()]
        fits = fits or [n for n in names if PurePath(n).stem.casefold() == word.casefold()]
        if len(fits) != 1:
            problem = "There is no photo" if not fits else "More than one photo is"
            listed = ", ".join(list(names)[:5]) + (" ..." if len(names) > 5 else "")
            raise UserError(f'{problem} named "{word}".', hint=f"The photos are {listed}")
        chosen.add(fits[0])
    return chosen
