# SPDX-License-Identifier: Apache-2.0
"""What was built, by the hash of all that decided it. A folder is whole or not there, however a build ends.

Several processes may ask at once: one builds, the others wait for its lock and find the folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from interfaces.errors import BenchError

# Of one kind; an RTL author makes a new one with every edit, and old ones are of no use.
KEPT = 64


class CacheError(BenchError):
    """The cache folder can't be written. Whoever set HIL_BUILD_DIR, or owns the disk, must act."""


def cache_folder() -> Path:
    """`HIL_BUILD_DIR`, else `hil-bench` in the user's cache folder."""
    if chosen := os.environ.get("HIL_BUILD_DIR"):
        return Path(chosen).absolute()
    # The specification of XDG_CACHE_HOME has relative paths ignored.
    user = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (user if user.is_absolute() else Path.home() / ".cache") / "hil-bench"


def content_key(parts: Iterable[str | bytes]) -> str:
    """A hash of parts, each with its length, so that no two lists of parts look alike."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()[:32]


def built(kind: str, key: str, build: Callable[[Path], None]) -> Path:
    """The folder that `build` filled, now or earlier; what `build` raises leaves nothing behind."""
    home = cache_folder() / kind
    done, part = home / key, home / f"{key}.part"
    with _locked(home, key):
        if done.is_dir():
            os.utime(done)
            return done
        shutil.rmtree(part, ignore_errors=True)  # of a process that was killed
        part.mkdir()
        try:
            build(part)
            part.rename(done)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    _forget(home)
    return done


@contextlib.contextmanager
def _locked(home: Path, key: str, flags: int = 0) -> Iterator[None]:
    """Lock files stay: one that is removed could be held by one process and made anew by the next."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = (home / f"{key}.lock").open("w")
    except OSError as error:
        raise CacheError(f"{home}: cannot keep what is built ({error.strerror}); set HIL_BUILD_DIR") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX | flags)
        yield


def _forget(home: Path) -> None:
    """Drop the folders that were not used for longest, but for those that somebody looks at just now."""
    folders = [lock.with_suffix("") for lock in home.glob("*.lock")]
    for folder in sorted(folders, key=_used_ns, reverse=True)[KEPT:]:
        with contextlib.suppress(BlockingIOError), _locked(home, folder.name, fcntl.LOCK_NB):
            if folder.is_dir():
                # Renamed first: a folder is whole or not there.
                shutil.rmtree(folder.rename(folder.with_suffix(".part")), ignore_errors=True)


def _used_ns(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
