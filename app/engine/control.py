"""What a job in a child process is asked meanwhile: to pause, to go on, to stop."""

import contextlib
from collections.abc import Callable
from multiprocessing.connection import Connection

import psutil

from app.engine.messages import Heard, Held, Pause, Resume, Stop, Taken, Tell
from app.engine.shared_rows import Packed


class Stopped(Exception):
    """Raised where a job should end at once."""


class Control:
    """Reads what comes for one job. While the job is `gentle`, it ends by itself when asked.

    Jobs call `stop_asked` where they can end well, and hand `meanwhile` to whatever waits long.
    """

    def __init__(
        self,
        job: int = 0,
        commands: Connection | None = None,
        tell: Callable[[object], None] = lambda message: None,
        taken: Callable[[Taken], None] = lambda message: None,
        unpack: Callable[[Packed], object] = lambda packed: None,
    ) -> None:
        self.job = job
        self.gentle = False
        self._commands, self._tell, self._taken = commands, tell, taken
        self._unpack = unpack
        # Set by whoever does the job: `between` is called where it may look at its own state, in
        # pauses too; `say` tells a value out of turn.
        self.between: Callable[[], None] = lambda: None
        self.say: Callable[[object], None] = lambda value: None
        self._told: list[object] = []
        self._stop = self._pause = False

    def stop_asked(self) -> bool:
        """Whether the job should end with what it has reached."""
        self._read(wait=0.0)
        return self._stop

    def told(self) -> list[object]:
        """What the job was told since it asked last, in order."""
        self._read(wait=0.0)
        told, self._told = self._told, []
        return told

    def meanwhile(self) -> None:
        """Stay here as long as there is a pause. Raises `Stopped` for a job that is not gentle."""
        self._read(wait=0.0)
        self.between()
        if self._pause and not self._stop:
            self._hold()
        if self._stop and not self.gentle:
            raise Stopped

    def wait(self) -> None:
        """Until something comes. Raises `EOFError` where the parent has gone."""
        self._read(wait=None)

    def _hold(self) -> None:
        below = psutil.Process().children(recursive=True)
        _each(below, psutil.Process.suspend)
        self._tell(Held(self.job, True))
        try:
            while self._pause and not self._stop:
                self._read(wait=None)
                self.between()
        finally:
            _each(below, psutil.Process.resume)
            self._tell(Held(self.job, False))

    def _read(self, wait: float | None) -> None:
        """Take in what has come; with `wait` None, at least one message."""
        if self._commands is None:
            return
        while wait is None or self._commands.poll(wait):
            wait = 0.0
            match self._commands.recv():
                case Taken() as message:
                    self._taken(message)
                case Tell(job, value):
                    told = self._unpack(value)  # whoever it is for: its file has to go
                    if job == self.job:
                        self._told.append(told)
                case Stop(self.job):
                    if not self._stop:
                        self._tell(Heard(self.job))
                    self._stop = True
                case Pause(self.job):
                    self._pause = True
                case Resume(self.job):
                    self._pause = False
                case _:
                    pass  # for a job that has ended meanwhile


def _each(processes: list[psutil.Process], act: Callable[[psutil.Process], None]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            act(process)
