"""Runs one program and its tests in a process of its own; started by its path, it imports nothing of kcurve.

It reads a JSON object from stdin: `program`, `tests`, `token`, and the limits `seconds`, `memory`, `file_size`,
`processes`. It writes the token to stdout if the end of the tests was reached, and else something as long or nothing:
neither output of the program nor its exit code can be taken for success.
"""

import contextlib
import json
import os
import resource
import signal
import sys
import types
from pathlib import Path


def limit(kind: int, most: int) -> None:
    """Set a limit for this process and its children, which they cannot raise."""
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    with contextlib.suppress(ValueError, OSError):  # not every system has every limit
        resource.setrlimit(kind, (most, most))


def limit_processes(processes: int) -> None:
    """Let the user have so many more processes and threads than now, if anybody knows how many there are."""
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    threads = threads_of_user()
    # What other containers run counts as well and is not seen: then there is no room even for one more.
    while threads is not None and threads < 1 << 22:
        most = threads + 1 if hard == resource.RLIM_INFINITY else min(threads + 1, hard)
        resource.setrlimit(resource.RLIMIT_NPROC, (most, hard))
        if most == hard or there_is_room():
            limit(resource.RLIMIT_NPROC, threads + processes)
            return
        threads *= 2
    resource.setrlimit(resource.RLIMIT_NPROC, (hard, hard))


def threads_of_user() -> int | None:
    """Return how many threads of the user are to be seen; None where that is not possible."""
    user, threads = os.getuid(), 0
    try:
        for process in Path("/proc").iterdir():
            if process.name.isdigit():
                with contextlib.suppress(OSError):  # it has ended meanwhile
                    if process.stat().st_uid == user:
                        threads += sum(1 for _ in (process / "task").iterdir())
    except OSError:
        return None
    return threads


def there_is_room() -> bool:
    """Tell whether a process can be started."""
    try:
        child = os.fork()
    except OSError:
        return False
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True


def main() -> None:
    """Run what stdin says."""
    order = json.load(sys.stdin)
    result = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    # Should nobody be left to end this process, it ends by itself.
    signal.alarm(order["seconds"] + 1)
    limit_processes(order["processes"])
    limit(resource.RLIMIT_CPU, order["seconds"])
    limit(resource.RLIMIT_FSIZE, order["file_size"])
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_AS, order["memory"])
    # A module that can be found, for dataclasses and the like look for it.
    module = types.ModuleType("program")
    sys.modules["program"] = module
    try:
        for name in ("program", "tests"):
            exec(compile(order[name], f"{name}.py", "exec"), module.__dict__)  # noqa: S102 - that is the task
    except BaseException:  # noqa: BLE001 - whatever it is, the tests did not pass
        os.write(result, b"-" * len(order["token"]))  # children may keep the pipe open
    else:
        os.write(result, order["token"].encode())
    os._exit(0)


if __name__ == "__main__":
    main()
