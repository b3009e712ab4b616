"""A call with thousands of values must not hold up the console, and none of them may go unseen."""

import json
import re
from html import unescape
from typing import Any

from nicegui import Client, ui
from nicegui.page import page

from console.components.approval_form import EditForm
from console.components.arguments import MOST_ROWS, REST, arguments_table, long_paths

MANY: dict[str, Any] = {"ids": list(range(20_000)), "note": "VIP\u200b"}
TEXT = json.dumps(MANY, ensure_ascii=False)


def table(text: str, read: set[str], opened: list[str], before: str | None = None) -> tuple[int, str]:
    """How many elements were drawn, and the words in them."""
    client = Client(page(""))
    try:
        with client:
            arguments_table(text, read=read, on_read=opened.append, before=before)
        html = "\n".join(one.content for one in client.elements.values() if isinstance(one, ui.html))
        return len(client.elements), unescape(re.sub(r"<[^>]+>", "", html))
    finally:
        client.delete()


def test_the_first_values_have_rows_and_the_others_one_place_to_be_opened() -> None:
    opened: list[str] = []
    elements, words = table(TEXT, set(), opened)
    assert elements < 8 * MOST_ROWS
    assert "19,801 more" in words
    assert "VIP" not in words
    assert opened == []


def test_approving_needs_the_others_to_be_opened() -> None:
    assert REST in long_paths(TEXT)
    assert REST not in long_paths(json.dumps({"ids": list(range(MOST_ROWS))}))


def test_opened_every_value_is_there_with_its_name_and_its_hidden_characters() -> None:
    opened: list[str] = []
    elements, words = table(TEXT, {REST}, opened)
    assert opened == [REST]
    assert elements < 8 * MOST_ROWS
    assert all(f"ids/{n} = {n}\n" in words for n in (MOST_ROWS, 12_345, 19_999))
    assert 'note = "VIPU+200B"' in words


def test_opened_a_changed_value_says_what_it_was() -> None:
    changed = json.dumps(MANY | {"ids": [*range(19_999), 7], "note": "VIP"}, ensure_ascii=False)
    _, words = table(changed, {REST}, [], before=TEXT)
    assert "ids/19999 = 7 19999 (changed)" in words
    assert 'note = "VIP" "VIPU+200B" (changed)' in words
    assert "ids/12345 = 12345\n" in words


def test_a_value_that_was_removed_is_not_lost_among_thousands() -> None:
    _, words = table(json.dumps({"ids": list(range(10))}), {REST}, [], before=TEXT)
    assert "ids/19999" in words
    assert "(removed)" in words


def test_thousands_of_values_are_edited_as_one_text() -> None:
    client = Client(page(""))
    try:
        with client:
            EditForm(TEXT, _nothing, lambda: None).build()
        fields = [one for one in client.elements.values() if isinstance(one, ui.textarea | ui.input)]
        assert [field.value for field in fields] == [TEXT]
    finally:
        client.delete()


async def _nothing(_: str) -> None:
    return None
