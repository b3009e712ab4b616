"""Saving what somebody else saved, made or deleted after it was opened."""

import pytest

from agents.administration import Overtaken
from agents.errors import NotFound
from tests.fakes.desk import Desk


async def version(desk: Desk, kind: str, name: str) -> int:
    stored = await desk.runtime.configuration.get(kind, name)
    assert stored is not None
    return stored.version


RULES = {"name": "second", "rules": []}
KEY = ("policy", "second")


async def test_the_second_to_save_is_told_who_was_first_and_nothing_changes(desk: Desk) -> None:
    administration = desk.runtime.administration
    await administration.save("policy", RULES, by="ada", expected={KEY: None})
    opened = await version(desk, *KEY)
    await administration.save("policy", {**RULES, "text": "Theirs."}, by="bob", expected={KEY: opened})
    with pytest.raises(Overtaken, match="bob changed the policy “second” after you opened it") as refused:
        await administration.save("policy", {**RULES, "text": "Mine."}, by="ada", expected={KEY: opened})
    assert refused.value.now.document["text"] == "Theirs."
    assert administration.documents("policy")["second"].text == "Theirs."
    now = refused.value.now.version
    await administration.save("policy", {**RULES, "text": "Mine."}, by="ada", expected={KEY: now})
    assert administration.documents("policy")["second"].text == "Mine."


async def test_two_who_make_the_same_are_told_apart(desk: Desk) -> None:
    administration = desk.runtime.administration
    await administration.save("policy", RULES, by="ada", expected={KEY: None})
    with pytest.raises(Overtaken, match="ada changed"):
        await administration.save("policy", {**RULES, "text": "Bob's."}, by="bob", expected={KEY: None})


async def test_what_was_deleted_meanwhile_says_by_whom_and_can_be_made_anew(desk: Desk) -> None:
    administration = desk.runtime.administration
    await administration.save("policy", RULES, by="ada")
    opened = await version(desk, *KEY)
    await administration.delete("policy", "second", by="bob")
    with pytest.raises(Overtaken, match="bob deleted the policy") as refused:
        await administration.save("policy", RULES, by="ada", expected={KEY: opened})
    assert refused.value.now.document is None
    await administration.save("policy", RULES, by="ada", expected={KEY: None})
    assert "second" in administration.documents("policy")


async def test_all_or_none_where_one_of_several_was_overtaken(desk: Desk) -> None:
    administration = desk.runtime.administration
    await administration.save("policy", RULES, by="ada")
    both = [("policy", {**RULES, "text": "Mine."}), ("policy", {"name": "third", "rules": []})]
    with pytest.raises(Overtaken):
        await administration.save_all(both, by="ada", expected={KEY: 0, ("policy", "third"): None})
    assert "third" not in administration.documents("policy")
    with pytest.raises(NotFound):
        await administration.save_all(both, by="ada", expected={("policy", "never"): 3})


async def test_what_was_changed_after_it_was_opened_is_not_deleted_unseen(desk: Desk) -> None:
    administration = desk.runtime.administration
    await administration.save("policy", RULES, by="ada")
    opened = await version(desk, *KEY)
    await administration.save("policy", {**RULES, "text": "Theirs."}, by="bob")
    with pytest.raises(Overtaken, match="bob changed the policy .* Nothing was deleted") as refused:
        await administration.delete(*KEY, by="ada", expected={KEY: opened})
    assert administration.documents("policy")["second"].text == "Theirs."
    await administration.delete(*KEY, by="ada", expected={KEY: refused.value.now.version})
    assert "second" not in administration.documents("policy")
    with pytest.raises(Overtaken, match="ada deleted the policy"):
        await administration.delete(*KEY, by="bob", expected={KEY: opened})
