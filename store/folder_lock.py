"""The exclusive lock on a data folder: two processes writing one SQLite file would corrupt it."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from .errors import DatabaseInUse, StoreUnavailable

FILE_NAME = "quarterdeck.lock"


@dataclass(slots=True)
class FolderLock:
    descriptor: int

    @classmethod
    def take(cls, folder: Path) -> "FolderLock":
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(folder / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreUnavailable(f"The data folder {folder} cannot be written: {error.strerror}.") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise DatabaseInUse(folder) from None
        return cls(descriptor)

    def release(self) -> None:
        os.close(self.descriptor)
