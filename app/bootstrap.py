"""From a bare clone to a working program: makes `.venv`, installs into it, runs in it.

Needs nothing but Python's standard library, and must at least start on Pythons older
than the project's, to say so in words.

    python3 -m app.bootstrap try     install, reconstruct the sample capture, show it
    python3 -m app.bootstrap test    install, then run every check of the project
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from app.machine import has_nvidia_card, has_screen, starts

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "maquette.json"  # what was installed, so that a second run installs nothing
LOG = VENV / "pip.log"

OLDEST, NEWEST = (3, 11), (3, 13)  # Pythons for which every dependency has wheels
TORCH = "2.13.0"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
ROOM_GB = 5.0  # the environment (3.1) and what pip downloads on the way to it (1.0)
ROOM_CUDA_GB = 12.0

CHECKS = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy",),
    ("pytest", "-n", "2", "--dist", "loadfile"),
)

# What pip says when it fails, and what to tell the user.
PIP_FAILURES = (
    (
        ("No space left on device", "[Errno 28]", "WinError 112"),
        "The disk is full: free {room:g} GB beside this folder and run the same command again.",
    ),
    (
        ("CERTIFICATE_VERIFY_FAILED",),
        "The network's certificate is not trusted here: set PIP_CERT to your organisation's "
        "certificate file and run the same command again.",
    ),
    (
        ("NewConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ProxyError",
         "Temporary failure in name resolution", "getaddrinfo failed", "nodename nor servname",
         "Network is unreachable", "Connection refused", "Connection aborted"),
        "The package index could not be reached: check the network (behind a proxy, set "
        "HTTPS_PROXY) and run the same command again.",
    ),
)  # fmt: skip


class Stop(Exception):
    """What went wrong and what to do, in one sentence."""


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 0 done, 1 a problem that was stated."""
    parser = argparse.ArgumentParser(
        prog="python3 -m app.bootstrap", description=__doc__.split("\n")[0]
    )
    parser.add_argument("what", choices=["try", "test"])
    parser.add_argument(
        "--leave-system", action="store_true", help="install no system packages, even as root"
    )
    asked = parser.parse_args(arguments)
    try:
        check_machine(asked.what)
        if asked.what == "try":
            return try_sample(not asked.leave_system)
        return run_checks(not asked.leave_system)
    except Stop as stop:
        sys.stderr.write(f"{stop}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. Run the same command to go on.\n")
        return 1


def try_sample(install_system: bool) -> int:
    """Reconstruct the sample capture and show the results."""
    from app.system_packages import OPEN3D, WINDOW, provide

    python = environment((), install_system)
    provide((OPEN3D, WINDOW), say, install=install_system)
    photos = ROOT / "resources" / "sample" / "photos"
    if not photos.is_dir():
        raise Stop(f"{photos} is missing: clone the repository again, with all of its files.")
    results = fresh_folder(ROOT / "out" / "sample")
    results.parent.mkdir(exist_ok=True)
    say(f"Reconstructing the sample photos into {results} (preset quick)")
    command = ["-m", "app", "reconstruct", str(photos), "-o", str(results), "--preset", "quick"]
    status = run([str(python), *command])
    if status == 0:
        show(python, results)
    return status


def show(python: Path, results: Path) -> None:
    """Open the window on the results where there is a screen, until it is closed; say how to."""
    say(f"Done. The results are in {results}")
    command = [str(python), "-m", "app", str(results / "scene.maquette")]
    if has_screen():
        say("Opening them in the window; this command ends when you close it.")
        try:
            failed = run(command) != 0
        except KeyboardInterrupt:
            failed = False
        if failed:
            say("The window ended with a problem, which is told above.")
    quoted = subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)
    say(f"To open them in the window, run in {ROOT}: {quoted}")


def run_checks(install_system: bool) -> int:
    """Run every check, all of them even if one fails."""
    from app.system_packages import OPEN3D, WINDOW, WINDOW_TESTS, provide

    python = environment(("dev",), install_system)
    provide((OPEN3D, WINDOW, WINDOW_TESTS), say, install=install_system)
    failed = []
    for check in CHECKS:
        say(f"Running {' '.join(check)}")
        if run([str(python), "-m", *check]) != 0:
            failed.append(" ".join(check))
    say(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def environment(extras: tuple[str, ...], install_system: bool) -> Path:
    """The Python of an environment with the project and `extras` installed in it."""
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    inputs = inputs_digest()
    stamped, extras_before = read_stamp()
    extras = tuple(sorted({*extras, *extras_before}))
    if (stamped, extras_before) == (inputs, extras) and works(python):
        return python
    check_room()
    if not works(python):
        make_venv(install_system)
    STAMP.unlink(missing_ok=True)
    install_torch(python)
    named = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    say("Installing Maquette and what it needs")
    constraints = ["-c", str(ROOT / "constraints.txt")]
    if pip(python, *constraints, "-e", named) != 0:
        raise Stop(why_pip_failed())
    STAMP.write_text(json.dumps({"inputs": inputs, "extras": extras}), encoding="utf-8")
    return python


def check_machine(what: str) -> None:
    """Stop where the dependencies cannot be had at all; before all imports from newer Pythons."""
    have = sys.version_info[:2]
    if have < OLDEST or have > NEWEST:
        others = ["python3." + str(minor) for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
        found = next((name for name in others if starts(name)), None)
        do = f"run {found} -m app.bootstrap {what}" if found else "install Python 3.12"
        raise Stop(
            f"Maquette needs Python {dotted(OLDEST)} to {dotted(NEWEST)} and this is "
            f"{dotted(have)}: {do}."
        )
    chip = platform.machine().lower()
    if sys.platform == "darwin" and chip == "x86_64":
        raise Stop(
            "PyTorch is no longer made for Macs with an Intel processor: use a Mac with Apple "
            "silicon (and a Python made for it), Linux or Windows."
        )
    if sys.platform.startswith("linux") and chip not in ("x86_64", "amd64"):
        raise Stop(
            f"pycolmap, which finds the cameras, is not published for Linux on {chip}: use a "
            "computer with an Intel or AMD processor, or a Mac with Apple silicon."
        )


def check_room() -> None:
    free, room = shutil.disk_usage(ROOT).free / 1e9, room_gb()
    if free < room:
        raise Stop(
            f"Only {free:.1f} GB are free beside this folder and the installation needs about "
            f"{room:g}: free some space and run the same command again."
        )


def room_gb() -> float:
    return ROOM_CUDA_GB if has_nvidia_card() and sys.platform.startswith("linux") else ROOM_GB


def make_venv(install_system: bool) -> None:
    """Make `.venv` new; Debian and Ubuntu keep the module for it in a package of its own."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        from app.system_packages import apt_install, may_install

        package = f"python{dotted(sys.version_info[:2])}-venv"
        say(f"Python's venv module is missing; it is in the system package {package}")
        if not (install_system and may_install() and apt_install([package])):
            raise Stop(
                f"Python came without its venv module: run sudo apt-get install {package} (or "
                "your system's equivalent) and then the same command again."
            )
    say(f"Making the environment {VENV}")
    if run([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
        raise Stop(
            f"Python could not make the environment {VENV}: its message is above; check that this "
            "folder can be written to and that the disk is not full."
        )


def install_torch(python: Path) -> None:
    """PyTorch first and alone, so that no CUDA build comes in as a dependency by accident.

    On Linux PyPI's build brings gigabytes of CUDA libraries; elsewhere it is CPU only.
    """
    if not sys.platform.startswith("linux") or has_nvidia_card():
        return  # the constraints say which version
    say("No NVIDIA card found: installing the CPU build of PyTorch")
    build = f"torch=={TORCH}+cpu"
    # Whatever index this machine is set up with answers at once if it has no such build.
    if pip(python, "--no-deps", "--retries", "1", build, quiet=True) == 0:
        return
    if pip(python, "--no-deps", "--index-url", TORCH_CPU_INDEX, build) != 0:
        raise Stop(why_pip_failed())


def pip(python: Path, *arguments: str, quiet: bool = False) -> int:
    LOG.unlink(missing_ok=True)
    options = ["--disable-pip-version-check", "--log", str(LOG), *(["-q"] if quiet else [])]
    errors = subprocess.DEVNULL if quiet else None
    command = [str(python), "-m", "pip", "install", *options, *arguments]
    return subprocess.run(command, cwd=ROOT, stderr=errors, check=False).returncode


def why_pip_failed() -> str:
    """One sentence for the reason that pip's log gives."""
    log = LOG.read_text(encoding="utf-8", errors="replace") if LOG.is_file() else ""
    for signs, sentence in PIP_FAILURES:
        if any(sign in log for sign in signs):
            return sentence.format(room=room_gb())
    return f"pip could not install what Maquette needs: its message is above and in {LOG}."


def inputs_digest() -> str:
    """Changes when what would be installed changes, or the Python it is installed for."""
    names = ("pyproject.toml", "constraints.txt")
    parts = [(ROOT / name).read_bytes() for name in names]
    parts += [dotted(sys.version_info[:2]).encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def read_stamp() -> tuple[str, tuple[str, ...]]:
    """The digest of what was installed last, and the extras among it; empty if nothing was."""
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
        return found["inputs"], tuple(found["extras"])
    except (OSError, ValueError, KeyError):
        return "", ()


def works(python: Path) -> bool:
    """Whether the environment starts (its Python may have been removed) and is ours in version."""
    if not python.exists():
        return False
    code = "import sys, pip; print(*sys.version_info[:2])"
    answer = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)
    return answer.stdout.split() == [str(part) for part in sys.version_info[:2]]


def fresh_folder(wanted: Path) -> Path:
    """`wanted`, or with the first number that is free: no result is written over."""
    candidates = [wanted, *(wanted.with_name(f"{wanted.name}-{k}") for k in range(2, 1000))]
    return next(path for path in candidates if not path.exists())


def run(command: list[str]) -> int:
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
