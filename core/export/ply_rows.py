"""The rows of a PLY file's tables, some at a time, as columns."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.export.ply_header import Element, Header

CHUNK = 65536  # rows at a time
LONGEST_LINE = 64 * 1024  # bytes of ASCII; a file without line ends must not be taken for one line

Columns = Mapping[str, NDArray[Any]]


def columns(header: Header, element: Element) -> Iterator[Columns]:
    """The columns of at most `CHUNK` rows of `element`, which has no lists, at a time.

    Raises `UserError` where the file is cut off, or holds words for numbers.
    """
    assert not element.has_lists(), element
    with start_of(header, element) as file:
        for start in range(0, element.rows, CHUNK):
            count = min(CHUNK, element.rows - start)
            if header.byte_order is None:
                yield _parsed(header.path, element, [line(file) for _ in range(count)])
            else:
                kind = row_kind(header, element)
                data = file.read(count * kind.itemsize)
                if len(data) < count * kind.itemsize:
                    raise cut_off(header.path)
                rows = np.frombuffer(data, kind)
                yield {name: rows[name] for name in element.names}


@contextmanager
def start_of(header: Header, element: Element) -> Iterator[BinaryIO]:
    """The file where the rows of `element` begin."""
    before = header.before(element)
    with header.path.open("rb") as file:
        file.seek(header.offset)
        if header.byte_order is None:
            for _ in range(sum(other.rows for other in before)):
                line(file)
        else:
            assert not any(other.has_lists() for other in before), before
            file.seek(sum(other.rows * other.row_size(header.byte_order) for other in before), 1)
        yield file


def row_kind(header: Header, element: Element) -> np.dtype[np.void]:
    """How numpy reads a row of `element`, which has no lists."""
    return np.dtype([(p.name, f"{header.byte_order}{p.code}") for p in element.properties])


def line(file: BinaryIO) -> list[bytes]:
    """The words of the next line."""
    return file.readline(LONGEST_LINE).split()


def stacked(columns: Columns, names: list[str]) -> NDArray[np.float32]:
    """The columns `names` side by side, [rows, names]."""
    # A double too large for a float becomes infinite, and is then told of like any other.
    with np.errstate(over="ignore"):
        return np.stack([columns[name].astype(np.float32) for name in names], axis=1)


def cut_off(path: Path) -> UserError:
    """The error for a file that ends before its data do."""
    return UserError(
        f"{path} is cut off: it holds fewer rows than its header says.",
        hint="Copy or export the file again.",
    )


def no_numbers(path: Path) -> UserError:
    """The error for ASCII that holds words where numbers should be."""
    return UserError(
        f"{path} holds a word where a number should be.", hint="Export the file again."
    )


def _parsed(path: Path, element: Element, lines: list[list[bytes]]) -> Columns:
    if any(len(words) != len(element.names) for words in lines):
        raise cut_off(path)
    try:
        values = np.array(lines, np.float64)
    except ValueError as error:
        raise no_numbers(path) from error
    return {name: values[:, i] for i, name in enumerate(element.names)}
