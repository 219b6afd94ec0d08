"""COCO's run lengths of a mask, as pycocotools writes and reads them, compressed or not.

Runs go down the columns, 0 first. Compressed, each is a number in base 32, lowest digits first,
one character a digit; from the third run on it is the difference to the run two before.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FIRST_CHARACTER = 48  # "0"
DIGIT, MORE, SIGN = 0x1F, 0x20, 0x10
MOST_DIGITS = 12  # a run of any photo fits


def counts_of(mask: NDArray[np.bool_]) -> list[int]:
    """The run lengths of `mask` [H, W]."""
    flat = mask.ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff(np.concatenate([[0], changes, [len(flat)]])).tolist()
    return [0, *runs] if len(flat) and flat[0] else runs


def mask_of_counts(counts: Sequence[int], height: int, width: int) -> NDArray[np.bool_]:
    """The mask [H, W] of these run lengths. Raises ValueError where they are not of its size."""
    if any(run < 0 for run in counts):
        raise ValueError("a run has a negative length")
    if sum(counts) != height * width:
        raise ValueError(f"the runs are of {sum(counts)} pixels, not of {width} x {height}")
    values = np.arange(len(counts)) % 2 == 1
    flat = np.repeat(values, np.array(counts, np.int64))
    return flat.reshape(height, width, order="F")


def compressed(counts: Sequence[int]) -> str:
    """Run lengths as text."""
    answer = []
    for i, count in enumerate(counts):
        rest = count - counts[i - 2] if i > 2 else count
        while True:
            digit = rest & DIGIT
            rest >>= 5
            done = rest == (-1 if digit & SIGN else 0)
            answer.append(chr(FIRST_CHARACTER + (digit if done else digit | MORE)))
            if done:
                break
    return "".join(answer)


def uncompressed(text: str) -> list[int]:
    """The run lengths in `text`. Raises ValueError where it is no such text."""
    counts: list[int] = []
    place, number = 0, 0
    for character in text:
        digit = ord(character) - FIRST_CHARACTER
        if not 0 <= digit < 2 * MORE:
            raise ValueError(f"{character!r} is no digit of run lengths")
        number |= (digit & DIGIT) << (5 * place)
        place += 1
        if place > MOST_DIGITS:
            raise ValueError("a run is longer than any photo")
        if digit & MORE:
            continue
        if digit & SIGN:
            number -= 1 << (5 * place)
        counts.append(number + counts[-2] if len(counts) > 2 else number)
        place, number = 0, 0
    if place:
        raise ValueError("the text ends within a run")
    return counts
