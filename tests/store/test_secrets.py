"""Secrets: resolvable by the program, unreadable in the file."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from store.database import Database
from store.errors import BadSecret, MissingSecret
from store.secrets import KEY_VARIABLE, Secrets

pytestmark = pytest.mark.asyncio
VALUE = "sk-canary-4711"


@pytest.fixture(autouse=True)
def no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


async def test_a_secret_is_resolved_by_reference_and_survives_a_restart(database: Database) -> None:
    await Secrets(database).set("OPENAI", VALUE, "ann")
    assert Secrets(database).resolve("secret:OPENAI") == VALUE
    assert Secrets(database).names() == ["OPENAI"]


async def test_no_file_of_the_database_holds_a_secret_in_clear(database: Database) -> None:
    await Secrets(database).set("OPENAI", VALUE, "ann")
    for path in database.folder.iterdir():
        assert VALUE.encode() not in path.read_bytes()


async def test_the_key_file_is_for_its_owner_only(database: Database) -> None:
    Secrets(database)
    assert (database.folder / "secret.key").stat().st_mode & 0o777 == 0o600


async def test_a_replaced_secret_has_its_new_value_and_a_deleted_one_none(database: Database) -> None:
    secrets = Secrets(database)
    await secrets.set("OPENAI", "old", "ann")
    await secrets.set("OPENAI", VALUE, "ann")
    assert secrets.resolve("secret:OPENAI") == VALUE
    await secrets.delete("OPENAI", "ann")
    with pytest.raises(MissingSecret, match="There is no secret called OPENAI"):
        secrets.resolve("secret:OPENAI")


async def test_an_environment_variable_is_resolved_by_reference(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", VALUE)
    assert Secrets(database).resolve("env:SOME_API_KEY") == VALUE


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ("env:NOT_SET_AT_ALL", "environment variable NOT_SET_AT_ALL is not set"),
        ("secret:NONE", "no secret called NONE"),
        ("plain text", "env:NAME or secret:NAME"),
    ],
)
async def test_a_reference_to_nothing_is_a_sentence(database: Database, reference: str, sentence: str) -> None:
    with pytest.raises(MissingSecret) as error:
        Secrets(database).resolve(reference)
    assert sentence in str(error.value)
    assert isinstance(error.value, KeyError)


async def test_a_secret_of_another_key_asks_to_be_entered_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Secrets(database).set("OPENAI", VALUE, "ann")
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    with pytest.raises(MissingSecret, match="another key"):
        Secrets(database).resolve("secret:OPENAI")


async def test_a_key_from_the_environment_leaves_no_key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    database = Database.open(tmp_path)
    Secrets(database)
    assert not (tmp_path / "secret.key").exists()
    database.close()


async def test_a_bad_key_or_name_is_refused_with_a_sentence(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadSecret, match="A secret's name"):
        await Secrets(database).set("no spaces please", VALUE, "ann")
    monkeypatch.setenv(KEY_VARIABLE, "short")
    with pytest.raises(BadSecret, match=KEY_VARIABLE):
        Secrets(database)
