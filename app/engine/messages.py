"""What an engine and its child say to each other."""

from dataclasses import dataclass, field

from app.engine.shared_rows import Packed

# From the engine to its child.


@dataclass(frozen=True)
class Begin:
    """`work` holds (function, args, splats)."""

    job: int
    work: Packed


@dataclass(frozen=True)
class Pause:
    """Stay where you are."""

    job: int


@dataclass(frozen=True)
class Resume:
    """Go on."""

    job: int


@dataclass(frozen=True)
class Stop:
    """End soon, with what has been reached."""

    job: int


@dataclass(frozen=True)
class Tell:
    """Something that the job may want to know."""

    job: int
    value: Packed


@dataclass(frozen=True)
class Taken:
    """A file of the shelf has been read and is gone."""

    file: str


# From the child to the engine.


@dataclass(frozen=True)
class Warming:
    """The child is about to do what `words` say."""

    words: str


@dataclass(frozen=True)
class Ready:
    """The child waits for a job."""


@dataclass(frozen=True)
class Held:
    """A pause has begun, or ended."""

    job: int
    held: bool


@dataclass(frozen=True)
class Heard:
    """The job knows that it is to stop."""

    job: int


@dataclass(frozen=True)
class Said:
    """A value of the job."""

    job: int
    value: Packed


@dataclass(frozen=True)
class Ended:
    """`problem` is empty where all went well."""

    job: int
    stopped: bool = False
    problem: str = ""
    hint: str = ""
    log: str = ""


# From the thread that keeps the child to the main thread, besides what the child said.


@dataclass(frozen=True, eq=False)
class Unpacked:
    """A value of the job, in memory of this process."""

    job: int
    value: object


@dataclass(frozen=True)
class Gone:
    """The child has left without being asked; `final`: no other is started."""

    code: int | None
    log: str = field(repr=False)
    final: bool
