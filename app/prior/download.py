"""The job that downloads a network from the hub, and goes on where an earlier one was cut off.

The hub's own package resumes a file only as long as its process lives; so files are fetched by it
into a file of ours beside its own, and handed over to it once they are whole.
"""

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, BinaryIO, cast

from app.engine.control import Control
from core.errors import Unavailable, UserError
from core.progress import Progress

LOOK = 0.2  # seconds between two looks at how far it is
MARGIN = 500_000_000  # bytes that are to stay free
SHA256 = 64  # letters; other names of files are no hashes of their content
INSTALL = "Run: pip install 'maquette[prior]'."


class _Cancelled(Exception):
    pass


@dataclass(frozen=True)
class Download:
    """What to fetch: the model `name` on the hub, those of its files that match `files`.

    `cache`: where the hub's package keeps what it gets. `endpoint`: another hub than the usual one.
    """

    name: str
    files: tuple[str, ...]
    cache: Path
    endpoint: str | None = None


@dataclass(frozen=True)
class _File:
    name: str
    url: str
    size: int
    blob: Path  # where it is to lie

    @property
    def part(self) -> Path:
        """Where it lies until it is whole."""
        return self.blob.with_name(self.blob.name + ".part")

    def got(self) -> int:
        """Bytes that are here."""
        for file in (self.blob, self.part):
            if file.is_file():
                return file.stat().st_size
        return 0


def download_model(control: Control, wish: Download) -> Iterator[Progress]:
    """Fetch all that is missing; done and total are bytes. What is whole is not fetched again.

    When it is stopped, what has come stays, and the next one goes on from there. Raises
    `UserError`.
    """
    hub = _hub()
    stage = f"Downloading {wish.name}"
    yield Progress(stage, 0, 0)
    with _told(wish.name):
        commit, files = _listed(hub, wish)
    total = sum(file.size for file in files)
    left = total - sum(file.got() for file in files)
    _check_room(wish.cache, left)
    for file in files:
        if not file.blob.is_file():
            before = sum(each.got() for each in files if each is not file)
            for got in _fetched(file, wish.name, control.meanwhile):
                yield Progress(stage, before + got, total)
    with _told(wish.name):
        for file in files:
            _link(hub, wish, file.name, commit)
        # Noted as the newest, so that the name alone is enough from now on.
        _link(hub, wish, files[0].name, None)
    yield Progress(stage, total, total)


def _listed(hub: Any, wish: Download) -> tuple[str, list[_File]]:
    """The commit, and the files to have."""
    from huggingface_hub.file_download import repo_folder_name

    found = hub.HfApi(endpoint=wish.endpoint).model_info(wish.name, files_metadata=True)
    names = [each.rfilename for each in found.siblings]
    wanted = [name for name in names if any(fnmatch(name, each) for each in wish.files or "*")]
    if not wanted:
        raise UserError(
            f"{wish.name} on the hub has none of the files that are read.",
            hint="Choose a folder that has them.",
        )
    blobs = wish.cache / repo_folder_name(repo_id=wish.name, repo_type="model") / "blobs"
    blobs.mkdir(parents=True, exist_ok=True)
    files = []
    for name in wanted:
        url = hub.hf_hub_url(wish.name, name, revision=found.sha, endpoint=wish.endpoint)
        told = hub.get_hf_file_metadata(url)
        files.append(_File(name, url, int(told.size or 0), blobs / told.etag))
    return str(found.sha), files


def _fetched(file: _File, name: str, meanwhile: Callable[[], None]) -> Iterator[int]:
    """Get the rest of `file`, yielding the bytes that are here, and put it in its place."""
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils._headers import build_hf_headers

    begun = file.got()
    if file.size and begun > file.size:
        file.part.unlink()
        begun = 0
    failed: list[BaseException] = []
    with file.part.open("ab") as stream:
        meter = _Meter(stream)

        def work() -> None:
            try:
                headers = build_hf_headers()
                http_get(
                    file.url,
                    cast(BinaryIO, meter),
                    resume_size=begun,
                    headers=headers,
                    expected_size=file.size or None,
                )
            except BaseException as error:  # noqa: BLE001 - raised below, in the job's own thread
                failed.append(error)

        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        try:
            while worker.is_alive():
                worker.join(LOOK)
                meanwhile()
                yield begun + meter.count
        finally:
            meter.cancelled = True
            worker.join()
    with _told(name):
        if failed:
            raise failed[0]
    _check_whole(file)
    os.replace(file.part, file.blob)


class _Meter:
    """The file written to: it counts, and ends the work where that is cancelled."""

    def __init__(self, stream: Any) -> None:
        self._stream, self.count, self.cancelled = stream, 0, False

    def write(self, chunk: bytes) -> int:
        if self.cancelled:
            raise _Cancelled
        self.count += len(chunk)
        return int(self._stream.write(chunk))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _check_whole(file: _File) -> None:
    """Raise `UserError`, and forget what came, where it is not what was announced."""
    size = file.part.stat().st_size
    good = not file.size or size == file.size
    if good and len(file.blob.name) == SHA256:
        with file.part.open("rb") as stream:
            good = hashlib.file_digest(stream, "sha256").hexdigest() == file.blob.name
    if not good:
        file.part.unlink()
        raise UserError(
            f"{file.name} came damaged: {size:,} bytes of {file.size:,}.",
            hint="Download it again; the files that are whole stay.",
        )


def _link(hub: Any, wish: Download, name: str, commit: str | None) -> None:
    hub.hf_hub_download(
        wish.name, name, revision=commit, cache_dir=wish.cache, endpoint=wish.endpoint
    )


def _check_room(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if wanted + MARGIN > free:
        raise UserError(
            f"The download needs {wanted / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free.",
            hint=f"Make room where {folder} lies, or let HF_HOME name another place.",
        )


def _hub() -> Any:
    try:
        import huggingface_hub
        from huggingface_hub import constants
    except ImportError as error:
        raise Unavailable(
            "Nothing can be downloaded: huggingface_hub is not installed.", hint=INSTALL
        ) from error
    if constants.HF_HUB_OFFLINE:
        raise Unavailable(
            "Nothing can be downloaded: HF_HUB_OFFLINE says that this machine is offline.",
            hint="Start Maquette without it, or choose a folder.",
        )
    return huggingface_hub


@contextmanager
def _told(name: str) -> Iterator[None]:
    """What the hub's package raises, as a sentence."""
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

    page = f"https://huggingface.co/{name}"
    try:
        yield
    except (UserError, _Cancelled):
        raise
    except GatedRepoError as error:
        raise UserError(
            f"{name} is given to those who ask.",
            hint=f"Agree to its licence on {page}, then run: hf auth login",
        ) from error
    except RepositoryNotFoundError as error:
        raise UserError(
            f"The hub knows no {name}, or not for you.", hint=f"See {page}; hf auth login may help."
        ) from error
    except HfHubHTTPError as error:
        raise UserError(
            f"The hub answered with an error ({_first(error)}).", hint="Try again later."
        ) from error
    except Exception as error:
        raise UserError(
            f"The download of {name} broke off ({_first(error)}).",
            hint="Look after the connection and try again: it goes on from where it was.",
        ) from error


def _first(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:160]
