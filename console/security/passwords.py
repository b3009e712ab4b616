"""Who has chosen a password already. Reads only."""

from store.database import Database, run

HAS_PASSWORD = "SELECT 1 FROM people WHERE name = :name AND password_hash IS NOT NULL"
CAME_IN = "SELECT 1 FROM people WHERE password_hash IS NOT NULL UNION SELECT 1 FROM sign_ins"


class Passwords:
    """A password once set can be changed but not removed, so a yes is remembered."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: set[str] = set()

    async def has_one(self, name: str) -> bool:
        if name not in self._known:
            row = await self._database.read(lambda c: run(c, HAS_PASSWORD, {"name": name}).fetchone())
            if row is None:
                return False
            self._known.add(name)
        return True


async def somebody_came_in(database: Database) -> bool:
    """False: nobody could sign in without a new link."""
    return await database.read(lambda c: run(c, CAME_IN).fetchone()) is not None
