"""Which writers of a store are alive: each holds a lock file that the system frees when it dies."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

_SUFFIX = ".lock"

_GONE = (FileNotFoundError, FileExistsError)
"""How a file or folder shows that another process removes it: also between a failing mkdir and a look at it."""


class Session:
    """A writer of the store at `path`, from here until `end` or the death of the process.

    Attributes
    ----------
    id : str
        Its name, unique.
    """

    def __init__(self, path: Path) -> None:
        self._folder = folder_of(path)
        while True:
            self.id = uuid4().hex
            self._make_folder()
            file = self._folder / f"{self.id}{_SUFFIX}"
            self._lock = _lock(file)
            # Another writer that ends may remove the folder, or take a file for a dead one's before it is
            # locked here.
            with contextlib.suppress(Timeout, *_GONE):
                self._lock.acquire(timeout=0)
                if file.exists():
                    return
                self._lock.release()

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(exist_ok=True)
        except FileExistsError:  # also if it is removed before one sees what it is
            if self._folder.is_file():
                raise

    def end(self) -> None:
        """Give the lock back, and clear away what the dead have left."""
        _remove(self._lock)
        with contextlib.suppress(*_GONE):  # another one that ends has removed the folder
            for file in self._folder.glob(f"*{_SUFFIX}"):
                lock = _lock(file)
                with contextlib.suppress(Timeout):
                    lock.acquire(timeout=0)
                    _remove(lock)
        with contextlib.suppress(OSError):  # others are alive
            self._folder.rmdir()


def folder_of(path: Path) -> Path:
    """Return the folder of the lock files of a store."""
    return path.with_name(path.name + ".sessions")


def alive(path: Path, session: str) -> bool:
    """Tell whether the process of a session still has the store at `path` open."""
    file = folder_of(path) / f"{session}{_SUFFIX}"
    return file.exists() and _held(file)


def _held(file: Path) -> bool:
    lock = _lock(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except _GONE:  # and so is its process
        return False
    lock.release()
    return False


def _remove(lock: FileLock) -> None:
    """Remove the file of a lock that is held here, and give the lock back."""
    file = Path(lock.lock_file)
    if os.name == "nt":  # where open files cannot be removed, and so no held lock of another
        lock.release()
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)
    else:  # before it is given back, or another could take a file that is about to go
        file.unlink(missing_ok=True)
        lock.release()


def _lock(file: Path) -> FileLock:
    # The thread that closes a store need not be the one that opened it.
    return FileLock(file, thread_local=False)
