"""What the store can refuse, each as one sentence an operator can act on. Pure."""


class StoreError(Exception):
    """Something the store refused; the text says what happened and what to do."""


class DatabaseInUse(StoreError):
    def __init__(self, folder: object) -> None:
        super().__init__(f"The data folder {folder} is already in use by another Quarterdeck; stop that one first.")


class UnsupportedDatabase(StoreError):
    def __init__(self, url: str) -> None:
        kind = url.split(":", 1)[0] or "this"
        super().__init__(f"The {kind} database is not supported yet; leave --database out to use the SQLite file.")


class DatabaseTooNew(StoreError):
    def __init__(self, folder: object) -> None:
        super().__init__(f"The database in {folder} was written by a newer Quarterdeck; start that version instead.")


class StoreUnavailable(StoreError):
    """Nothing can be written just now. What was acknowledged is kept; try again when the disk has space."""


class StoreClosed(StoreError):
    """The store is closed: Quarterdeck is shutting down."""


class IllegalProjection(StoreError):
    """An event contradicts the rows it would change, so nothing of its append is recorded."""


class MissingSecret(StoreError, KeyError):
    """A secret reference points at nothing."""

    def __str__(self) -> str:
        return str(self.args[0])


class BadSecret(StoreError):
    """A secret's name or the key that protects secrets cannot be used."""


class ConfigurationChanged(StoreError):
    """Somebody changed the configuration in the meantime; read it again, then repeat your change."""


class NameTaken(StoreError):
    def __init__(self, name: str) -> None:
        super().__init__(f"There is already somebody called {name}; choose another sign-in name.")


class NameReserved(StoreError):
    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}” is what Quarterdeck calls itself in the record; choose another name.")


class IsDisabled(StoreError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is disabled; enable them first.")


class UnknownPerson(StoreError):
    def __init__(self, name: str) -> None:
        super().__init__(f"There is nobody called {name}.")


class WeakPassword(StoreError):
    def __init__(self, length: int) -> None:
        super().__init__(f"A password needs at least {length} characters.")


class LastAdmin(StoreError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is the last admin who can sign in. Make somebody else an admin first, and let them come in once."
        )


class BadCursor(StoreError):
    """This cursor does not belong to this list; start again without one."""

    def __init__(self) -> None:
        super().__init__("This cursor does not belong to this list; start again without one.")
