"""Who has chosen a password already: asked for every page, so a yes is remembered."""

from store.people import People


class Passwords:
    def __init__(self, people: People) -> None:
        self._people = people
        self._known: set[str] = set()

    async def has_one(self, name: str) -> bool:
        if name not in self._known and await self._people.has_password(name):
            self._known.add(name)
        return name in self._known
