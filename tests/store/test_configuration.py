"""Configuration documents: versions, atomic changes, history."""

import asyncio

import pytest

from store.configuration import Change, Changed, ConfigurationStore
from store.database import Database
from store.errors import ConfigurationChanged
from store.queries import Queries

pytestmark = pytest.mark.asyncio


@pytest.fixture
def configuration(database: Database) -> ConfigurationStore:
    return ConfigurationStore(database)


async def test_each_change_is_a_new_version_and_old_ones_stay(configuration: ConfigurationStore) -> None:
    await configuration.change([Change("models", "big", {"model": "a/b"})], by="ann")
    changed = await configuration.change([Change("models", "big", {"model": "c/d"})], by="ben")
    assert changed == [Changed(kind="models", name="big", from_version=1, to_version=2)]
    stored = await configuration.get("models", "big")
    assert stored is not None
    assert (stored.version, stored.document, stored.by) == (2, {"model": "c/d"}, "ben")
    first = await configuration.at("models", "big", 1)
    assert first is not None
    assert first.document == {"model": "a/b"}
    assert [each.version for each in await configuration.history("models", "big")] == [1, 2]


async def test_what_does_not_differ_gets_no_new_version(configuration: ConfigurationStore) -> None:
    change = [Change("models", "big", {"limit": 1})]
    await configuration.change(change, by="ann")
    etag = await configuration.etag()
    assert await configuration.change(change, by="ann") == []
    assert await configuration.etag() == etag


async def test_a_whole_number_and_a_fraction_differ(configuration: ConfigurationStore) -> None:
    await configuration.change([Change("models", "big", {"limit": 1})], by="ann")
    assert await configuration.change([Change("models", "big", {"limit": 1.0})], by="ann")


async def test_a_deleted_document_is_gone_but_its_history_goes_on(configuration: ConfigurationStore) -> None:
    await configuration.change([Change("models", "big", {"n": 1}), Change("agents", "clerk", {})], by="ann")
    changed = await configuration.change([Change("models", "big", None)], by="ann")
    assert changed == [Changed(kind="models", name="big", from_version=1, to_version=None)]
    assert await configuration.get("models", "big") is None
    assert set(await configuration.current()) == {"agents"}
    changed = await configuration.change([Change("models", "big", {"n": 1})], by="ann")
    assert changed == [Changed(kind="models", name="big", from_version=None, to_version=3)]


async def test_all_changes_are_made_or_none(configuration: ConfigurationStore) -> None:
    etag = await configuration.etag()
    with pytest.raises(TypeError):
        await configuration.change([Change("models", "a", {}), Change("models", "b", {"bad": object()})], by="ann")
    assert (await configuration.current(), await configuration.etag()) == ({}, etag)


async def test_only_one_of_two_who_changed_the_same_state_wins(configuration: ConfigurationStore) -> None:
    etag = await configuration.etag()
    changes = [configuration.change([Change("models", name, {})], by=name, if_match=etag) for name in ("ann", "ben")]
    results = await asyncio.gather(*changes, return_exceptions=True)
    assert isinstance(results[0], list)
    assert isinstance(results[1], ConfigurationChanged)
    assert set((await configuration.current())["models"]) == {"ann"}


async def test_listeners_hear_what_changed_and_only_then(configuration: ConfigurationStore) -> None:
    heard: list[list[Changed]] = []
    stop = configuration.subscribe(heard.append)
    await configuration.change([Change("models", "big", {})], by="ann")
    await configuration.change([Change("models", "big", {})], by="ann")
    stop()
    await configuration.change([Change("models", "big", None)], by="ann")
    assert [[each.name for each in changed] for changed in heard] == [["big"]]


async def test_another_store_on_the_same_file_sees_the_same(
    configuration: ConfigurationStore, database: Database
) -> None:
    await configuration.change([Change("models", "big", {"ü": "ä"})], by="ann")
    other = ConfigurationStore(database)
    assert (await other.current(), await other.etag()) == (await configuration.current(), await configuration.etag())


async def test_who_changed_what_is_written_down(configuration: ConfigurationStore, queries: Queries) -> None:
    await configuration.change([Change("models", "big", {})], by="ann")
    entry = (await queries.admin_log()).items[0]
    assert (entry["by"], entry["action"], entry["subject"]) == ("ann", "configuration", "models big")
