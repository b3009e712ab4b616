"""People: passwords, links, signed-in browsers, tokens, and the last admin."""

import asyncio

import pytest

from store.database import Database, run
from store.errors import IsDisabled, LastAdmin, NameReserved, NameTaken, UnknownPerson, WeakPassword
from store.people import People, Role
from store.queries import Queries

from .scenes import Clock

pytestmark = pytest.mark.asyncio
PASSWORD = "correct horse battery"


@pytest.fixture
def people(database: Database) -> People:
    return People(database)


async def test_there_is_nobody_at_first(people: People) -> None:
    assert (await people.count(), await people.list()) == (0, [])


async def test_a_password_lets_its_person_in_and_nobody_else(people: People) -> None:
    ann = await people.create("ann", "Ann Archer", Role.ADMIN, PASSWORD, by="setup")
    assert await people.check_password("ann", PASSWORD) == ann
    assert await people.check_password("ann", "wrong password") is None
    assert await people.check_password("nobody", PASSWORD) is None


async def test_somebody_without_a_password_comes_in_by_link_only(people: People) -> None:
    await people.create("ann", "Ann", Role.ADMIN, None, by="setup")
    assert await people.check_password("ann", "") is None


async def test_passwords_and_tokens_are_stored_hashed(people: People, database: Database) -> None:
    ann = await people.create("ann", "Ann", Role.ADMIN, PASSWORD, by="setup")
    secrets = [PASSWORD, await people.make_link("ann"), await people.sign_in(ann, agent="Firefox")]
    secrets.append(await people.make_token("robot", Role.VIEWER, by="ann"))
    stored = "\n".join(database._writer_connection.connection.dbapi_connection.iterdump())  # type: ignore[union-attr]
    assert [secret for secret in secrets if secret in stored] == []


async def test_weak_passwords_and_taken_names_are_refused(people: People) -> None:
    with pytest.raises(WeakPassword, match="at least 10"):
        await people.create("ann", "Ann", Role.ADMIN, "short", by="setup")
    await people.create("ann", "Ann", Role.ADMIN, None, by="setup")
    with pytest.raises(NameTaken, match="already somebody called ann"):
        await people.create("ann", "Another Ann", Role.VIEWER, None, by="setup")
    with pytest.raises(UnknownPerson, match="nobody called ben"):
        await people.change("ben", role=Role.ADMIN, by="ann")


async def test_the_last_admin_stays(people: People) -> None:
    await people.create("ann", "Ann", Role.ADMIN, None, by="setup")
    await people.create("ben", "Ben", Role.OPERATOR, None, by="ann")
    for change in ({"role": Role.VIEWER}, {"disabled": True}):
        with pytest.raises(LastAdmin, match="ann is the last admin"):
            await people.change("ann", **change, by="ann")  # type: ignore[arg-type]
    ben = await people.change("ben", role=Role.ADMIN, by="ann")
    await people.sign_in(ben, agent="Firefox")
    assert (await people.change("ann", role=Role.VIEWER, by="ben")).role == Role.VIEWER


async def test_an_admin_who_never_came_in_does_not_count_as_the_other_admin(people: People, clock: Clock) -> None:
    await people.create("ann", "Ann", Role.ADMIN, PASSWORD, by="setup")
    ben = await people.create("ben", "Ben", Role.ADMIN, None, by="ann")
    for change in ({"role": Role.VIEWER}, {"disabled": True}):
        with pytest.raises(LastAdmin, match="ann is the last admin who can sign in"):
            await people.change("ann", **change, by="ann")  # type: ignore[arg-type]
    await people.sign_in(ben, agent="Firefox")
    clock.advance(hours=13)
    assert [one.name for one in await people.who_can_sign_in()] == ["ann"]
    with pytest.raises(LastAdmin):
        await people.change("ann", disabled=True, by="ann")
    await people.set_password("ben", PASSWORD, by="ben")
    assert [one.name for one in await people.who_can_sign_in()] == ["ann", "ben"]
    assert (await people.change("ann", disabled=True, by="ben")).disabled


async def test_an_admin_who_never_came_in_can_be_disabled(people: People) -> None:
    await people.create("ann", "Ann", Role.ADMIN, PASSWORD, by="setup")
    await people.create("ben", "Ben", Role.ADMIN, None, by="ann")
    assert (await people.change("ben", disabled=True, by="ann")).disabled


async def test_whoever_is_disabled_loses_their_tokens_too_and_it_is_written_down(
    people: People, queries: Queries
) -> None:
    await people.create("ann", "Ann", Role.ADMIN, PASSWORD, by="setup")
    await people.create("ben", "Ben", Role.ADMIN, PASSWORD, by="ann")
    made = await people.make_token("robot", Role.ADMIN, by="ben")
    named = await people.make_token("ben", Role.VIEWER, by="command line")
    other = await people.make_token("nightly", Role.VIEWER, by="ann")
    assert [one.name for one in await people.tokens_of("ben")] == ["robot", "ben"]
    await people.change("ben", disabled=True, by="ann")
    assert [await people.token_holder(one) for one in (made, named)] == [None, None]
    assert await people.token_holder(other) is not None
    log = [each for each in (await queries.admin_log()).items if each["action"] == "token revoked"]
    assert [(each["by"], each["subject"], each["detail"]) for each in log] == [
        ("ann", "robot", "ben was disabled"),
        ("ann", "ben", "ben was disabled"),
    ]
    await people.change("ben", disabled=False, by="ann")
    assert await people.token_holder(made) is None, "enabling somebody brings no token back"


async def test_a_token_of_somebody_disabled_by_an_earlier_version_lets_nobody_in(
    people: People, database: Database
) -> None:
    await people.create("ben", "Ben", Role.ADMIN, PASSWORD, by="setup")
    token = await people.make_token("robot", Role.ADMIN, by="ben")
    await database.write(lambda c: run(c, "UPDATE people SET disabled = 1").close())
    assert await people.token_holder(token) is None


async def test_whoever_is_demoted_keeps_only_tokens_of_their_new_role(people: People) -> None:
    await people.create("ann", "Ann", Role.ADMIN, PASSWORD, by="setup")
    await people.create("ben", "Ben", Role.ADMIN, PASSWORD, by="ann")
    tokens = [await people.make_token("robot", role, by="ben") for role in Role]
    assert [one.role for one in await people.tokens_of("ben", above=Role.OPERATOR)] == [Role.ADMIN]
    await people.change("ben", role=Role.OPERATOR, by="ann")
    assert [await people.token_holder(one) is None for one in tokens] == [False, False, True]
    await people.change("ben", display_name="Benny", by="ann")
    assert [await people.token_holder(one) is None for one in tokens] == [False, False, True]


async def test_a_new_link_is_the_only_one(people: People) -> None:
    ann = await people.create("ann", "Ann", Role.ADMIN, None, by="setup")
    old, new = [await people.make_link("ann") for _ in range(2)]
    assert (await people.use_link(old), await people.use_link(new)) == (None, ann)


async def test_signing_somebody_out_everywhere_ends_their_links_too(people: People) -> None:
    await people.create("ann", "Ann", Role.ADMIN, None, by="setup")
    link = await people.make_link("ann")
    await people.sign_out_everywhere("ann", by="ben")
    assert await people.use_link(link) is None


async def test_nobody_makes_a_link_for_somebody_who_is_disabled(people: People) -> None:
    await people.create("ann", "Ann", Role.ADMIN, PASSWORD, by="setup")
    await people.create("ben", "Ben", Role.VIEWER, None, by="ann")
    await people.change("ben", disabled=True, by="ann")
    with pytest.raises(IsDisabled, match="ben is disabled"):
        await people.make_link("ben", by="ann")


@pytest.mark.parametrize("name", ["quarterdeck", "clock", "setup", "Quarterdeck"])
async def test_nobody_takes_the_name_under_which_the_program_itself_acts(people: People, name: str) -> None:
    with pytest.raises(NameReserved, match="is what Quarterdeck calls itself"):
        await people.create(name, "Eve", Role.VIEWER, None, by="ann")
    with pytest.raises(NameReserved):
        await people.make_token(name, Role.VIEWER, by="ann")
    assert (await people.list(), await people.tokens()) == ([], [])


async def test_a_link_is_used_up_by_exactly_one_of_many(people: People) -> None:
    ann = await people.create("ann", "Ann", Role.ADMIN, None, by="setup")
    link = await people.make_link("ann")
    results = await asyncio.gather(*(people.use_link(link) for _ in range(8)))
    assert [each for each in results if each is not None] == [ann]


async def test_a_link_ends_after_its_hours(people: People, clock: Clock) -> None:
    await people.create("ann", "Ann", Role.ADMIN, None, by="setup")
    link = await people.make_link("ann", hours=1)
    clock.advance(hours=1, seconds=1)
    assert await people.use_link(link) is None


async def test_a_signed_in_browser_is_known_until_it_signs_out(people: People) -> None:
    ann = await people.create("ann", "Ann", Role.ADMIN, None, by="setup")
    token, other = [await people.sign_in(ann, agent="Firefox") for _ in range(2)]
    await people.sign_out(token)
    assert (await people.who(token), await people.who(other)) == (None, ann)
    await people.sign_out_everywhere("ann")
    assert await people.who(other) is None


async def test_an_idle_browser_is_signed_out_and_a_busy_one_after_a_week(people: People, clock: Clock) -> None:
    ann = await people.create("ann", "Ann", Role.ADMIN, None, by="setup")
    idle, busy = [await people.sign_in(ann, agent="Firefox") for _ in range(2)]
    clock.advance(hours=11)
    assert await people.who(busy) == ann
    clock.advance(hours=2)
    assert (await people.who(idle), await people.who(busy)) == (None, ann)
    for _ in range(20):
        clock.advance(hours=8)
        await people.who(busy)
    assert await people.who(busy) is None


async def test_last_seen_is_written_at_most_once_a_minute(people: People, database: Database, clock: Clock) -> None:
    ann = await people.create("ann", "Ann", Role.ADMIN, None, by="setup")
    token = await people.sign_in(ann, agent="Firefox")
    batches: list[bool] = []
    database.after_batch(batches.append)
    for _ in range(10):
        clock.advance(seconds=10)
        await people.who(token)
    assert len(batches) == 1
    assert await database.read(lambda c: run(c, "SELECT last_seen FROM sign_ins").fetchone()) is not None


async def test_a_demotion_counts_at_once_and_a_disabled_person_is_out(people: People) -> None:
    await people.create("ann", "Ann", Role.ADMIN, None, by="setup")
    ben = await people.create("ben", "Ben", Role.OPERATOR, PASSWORD, by="ann")
    token, link = await people.sign_in(ben, agent="Firefox"), await people.make_link("ben")
    await people.change("ben", role=Role.VIEWER, by="ann")
    assert (await people.who(token)).role == Role.VIEWER  # type: ignore[union-attr]
    await people.change("ben", disabled=True, by="ann")
    assert await people.who(token) is None
    assert await people.use_link(link) is None
    assert await people.check_password("ben", PASSWORD) is None


async def test_whoever_listens_hears_of_revoked_people(people: People) -> None:
    await people.create("ann", "Ann", Role.ADMIN, None, by="setup")
    ben = await people.create("ben", "Ben", Role.OPERATOR, None, by="ann")
    heard: list[str] = []
    people.subscribe_revoked(heard.append)
    await people.change("ben", display_name="Benny", by="ann")
    assert heard == []
    await people.change("ben", role=Role.VIEWER, by="ann")
    await people.sign_out(await people.sign_in(ben, agent="Firefox"))
    await people.sign_out_everywhere("ann")
    await people.set_password("ben", PASSWORD, by="ann")
    assert heard == ["ben", "ben", "ann", "ben"]


async def test_an_api_token_speaks_for_its_role_until_it_is_revoked(people: People) -> None:
    token = await people.make_token("robot", Role.OPERATOR, by="ann")
    assert token.startswith("qd_")
    holder = await people.token_holder(token)
    assert holder is not None
    assert (holder.name, holder.role) == ("robot", Role.OPERATOR)
    assert await people.token_holder(token + "x") is None
    listed = (await people.tokens())[0]
    assert (listed.name, listed.by) == ("robot", "ann")
    await people.revoke_token(listed.id)
    assert (await people.token_holder(token), await people.tokens()) == (None, [])


async def test_roles_are_ordered() -> None:
    assert sorted(Role, key=lambda role: role.rank) == [Role.VIEWER, Role.OPERATOR, Role.ADMIN]


async def test_changes_of_people_are_written_down(people: People, queries: Queries) -> None:
    await people.create("ann", "Ann", Role.ADMIN, None, by="setup")
    await people.set_password("ann", PASSWORD, by="ann")
    await people.make_token("robot", Role.VIEWER, by="ann")
    entries = [(each["by"], each["action"], each["subject"]) for each in (await queries.admin_log()).items]
    assert entries == [
        ("ann", "token made", "robot"),
        ("ann", "password set", "ann"),
        ("setup", "person created", "ann"),
    ]


async def test_a_token_expires_and_says_so_in_lists(people: People, clock: Clock) -> None:
    token = await people.make_token("nightly", Role.VIEWER, by="ann", days=7, agents=("B", "A", "A"))
    holder = await people.token_holder(token)
    assert holder is not None
    assert (holder.name, holder.role, holder.agents) == ("nightly", Role.VIEWER, ("A", "B"))
    assert not (await people.tokens())[0].expired
    clock.advance(days=7, seconds=1)
    assert await people.token_holder(token) is None
    (listed,) = await people.tokens()
    assert listed.expired
    await people.revoke_token(listed.id, by="ann")
    assert await people.tokens() == []


async def test_a_token_without_a_term_never_expires(people: People, clock: Clock) -> None:
    token = await people.make_token("robot", Role.OPERATOR, by="ann")
    clock.advance(days=5_000)
    assert await people.token_holder(token) is not None


async def test_when_a_token_was_last_used_is_noted_at_most_once_a_minute(people: People, clock: Clock) -> None:
    token = await people.make_token("robot", Role.OPERATOR, by="ann")
    assert (await people.tokens())[0].last_used_at is None
    await people.token_holder(token)
    first = (await people.tokens())[0].last_used_at
    assert first is not None
    clock.advance(seconds=30)
    await people.token_holder(token)
    assert (await people.tokens())[0].last_used_at == first
    clock.advance(seconds=31)
    await people.token_holder(token)
    assert (await people.tokens())[0].last_used_at != first


async def test_everybody_signed_in_is_listed_and_one_browser_can_be_signed_out(
    people: People, database: Database, clock: Clock
) -> None:
    told: list[str] = []
    people.subscribe_revoked(told.append)
    ann = await people.create("ann", "Ann", Role.ADMIN, None, by="setup")
    ben = await people.create("ben", "Ben", Role.VIEWER, None, by="ann")
    phone, desk = await people.sign_in(ann, agent="a phone"), await people.sign_in(ann, agent="a desk")
    await people.sign_in(ben, agent="a tablet")
    found = {one.browser: one for one in await people.signed_in()}
    assert {browser: one.name for browser, one in found.items()} == {
        "a phone": "ann",
        "a desk": "ann",
        "a tablet": "ben",
    }
    assert phone not in str(found)
    await people.sign_out_one(found["a phone"].id, by="ann")
    await people.sign_out_one(found["a phone"].id, by="ann")  # gone already
    assert await people.who(phone) is None
    assert await people.who(desk) == ann
    assert told == ["ann"]
    (newest, *_) = (await Queries(database).admin_log()).items
    assert (newest["action"], newest["subject"], newest["by"], newest["detail"]) == (
        "signed out",
        "ann",
        "ann",
        "a phone",
    )
    clock.advance(hours=13)
    assert await people.signed_in() == []


async def test_an_invitation_is_recorded(people: People, database: Database) -> None:
    await people.create("ann", "Ann", Role.ADMIN, None, by="setup")
    await people.make_link("ann", by="ben")
    (newest, *_) = (await Queries(database).admin_log()).items
    assert (newest["action"], newest["subject"], newest["by"]) == ("sign-in link made", "ann", "ben")
