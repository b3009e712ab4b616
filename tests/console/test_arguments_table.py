"""The arguments table draws what a model chose, names and values alike: all of it is text, and none of it is hidden."""

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from nicegui import Client, ui
from nicegui.element import Element
from nicegui.page import page

from console.components.arguments import arguments_table, long_paths, oddities

Draw = Callable[..., Client]


@pytest.fixture
def draw() -> Iterator[Draw]:
    drawn: list[Client] = []

    def table(arguments: dict[str, Any], **more: Any) -> Client:
        client = Client(page(""))
        drawn.append(client)
        before = more.pop("before", None)
        with client:
            arguments_table(
                json.dumps(arguments, ensure_ascii=False),
                before=json.dumps(before, ensure_ascii=False) if before else None,
                **{"read": set(), "on_read": lambda _path: None} | more,
            )
        return client

    yield table
    for client in drawn:
        client.delete()


def elements(client: Client) -> list[Element]:
    return [one for one in client.elements.values() if one.tag in ("tr", "td", "table", "tbody")]


def markup(client: Client) -> str:
    return "\n".join(one.content for one in client.elements.values() if isinstance(one, ui.html))


def words(client: Client) -> str:
    return unescape(re.sub(r"<[^>]+>", "", markup(client)))


KEYS = [
    "x :title=window.pwned=1 \\",
    "x onclick=location=name \\",
    "x innerHTML=1 \\",
    ":title=window.pwned=1",
    'a" :title="window.pwned=1',
    "two\nlines",
    "a\ttab",
    "ends in \\",
    "'; alert(1) //",
    "<img src=x onerror=alert(1)>",
    "{{ constructor.constructor('alert(1)')() }}",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_name_chosen_by_a_model_becomes_no_attribute(draw: Draw, key: str) -> None:
    """NiceGUI runs the value of a prop whose name begins with a colon, and its parser can be talked out of quotes."""
    allowed = {"title", "innerHTML", "class", "style", "tag", "loopback", "role", "tabindex", "type", "sanitize"}
    client = draw({key: 5})
    assert all(set(one.props) <= allowed for one in elements(client))
    assert not any(name.startswith((":", "on")) for one in client.elements.values() for name in one.props)
    assert "<img" not in markup(client)


@pytest.mark.parametrize("key", KEYS)
def test_a_name_is_shown_whole_as_json_writes_it(draw: Draw, key: str) -> None:
    escaped = key.replace("~", "~0").replace("/", "~1")
    assert json.dumps(escaped)[1:-1] in words(draw({key: 5}))


def test_a_hidden_character_in_a_name_is_drawn_as_a_box(draw: Draw) -> None:
    client = draw({"amount\u200b": 5, "\u202egnp.exe": "x"})
    assert '<span class="qd-cp">U+200B</span>' in markup(client)
    assert '<span class="qd-cp">U+202E</span>' in markup(client)
    assert "\u200b" not in markup(client)
    assert oddities(json.dumps({"amount\u200b": 5})) == (1, 0)


def test_letters_in_a_name_that_pass_for_others_are_named(draw: Draw) -> None:
    client = draw({"\u0430mount": 5})
    assert "Mixed letters" in markup(client)
    assert oddities(json.dumps({"\u0430mount": 5})) == (0, 1)


VALUES = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></tr></table><h1>Approved</h1>",
    "&lt;b&gt; stays as it is",
    "line one\nline two",
    'a "quoted" word',
    "back\\slash",
    ":title=alert(1)",
]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_shown_exactly_and_never_as_markup(draw: Draw, value: str) -> None:
    client = draw({"note": value})
    assert json.dumps(value, ensure_ascii=False) in words(client)
    assert not re.search(r"<(script|img|h1|b)\b", markup(client))


@pytest.mark.parametrize(
    ("value", "raw"),
    [(50, "50"), (50.0, "50.0"), (10**30, str(10**30)), (True, "true"), (None, "null"), ([], "[]"), ({}, "{}")],
)
def test_numbers_and_empty_things_keep_their_exact_text(draw: Draw, value: Any, raw: str) -> None:
    assert f"<code>{raw}</code>" in markup(draw({"value": value}))


def test_a_hidden_character_in_a_value_is_drawn_as_a_box(draw: Draw) -> None:
    client = draw({"note": "VIP\u200bgoodwill"})
    assert 'VIP<span class="qd-cp">U+200B</span>goodwill' in markup(client)
    assert "Hidden character" in markup(client)


def test_every_leaf_of_a_deep_structure_has_a_row(draw: Draw) -> None:
    client = draw({"to": [{"name": "Ann"}, {"name": "Bo", "tags": ["a", "b"]}], "amount": 5})
    rows = [one for one in client.elements.values() if one.tag == "tr"]
    assert len(rows) == 5
    assert all(path in words(client) for path in ("to/0/name", "to/1/name", "to/1/tags/0", "to/1/tags/1", "amount"))


def test_a_long_value_shows_its_head_and_tail_until_it_is_opened(draw: Draw) -> None:
    text = "start " + "x" * 5000 + " PAYLOAD at the end"
    opened: list[str] = []
    client = draw({"message": text}, on_read=opened.append)
    assert "start " in words(client)
    assert "PAYLOAD at the end" in words(client)
    assert text not in words(client)
    assert long_paths(json.dumps({"message": text})) == ["/message"]
    assert opened == []


def test_a_value_read_before_is_drawn_whole(draw: Draw) -> None:
    text = "x" * 5000
    opened: list[str] = []
    assert text in words(draw({"message": text}, read={"/message"}, on_read=opened.append))
    assert opened == ["/message"]


def test_a_long_number_is_shown_without_quotes(draw: Draw) -> None:
    assert '"9' not in words(draw({"number": int("9" * 400)}))


def test_a_changed_value_stands_beside_the_old_one(draw: Draw) -> None:
    client = draw({"order": 1034, "note": "same"}, before={"order": 1043, "note": "same"})
    assert "1034" in words(client)
    assert re.search(r"<s [^>]*>1043</s>", markup(client))
    assert markup(client).count("changed") == 1


def test_the_old_value_is_text_too_and_hides_nothing(draw: Draw) -> None:
    client = draw({"note": "clean"}, before={"note": "<b>\u200bdirty</b>"})
    assert '<span class="qd-cp">U+200B</span>' in markup(client)
    assert "<b>" not in markup(client)


def test_a_value_that_an_edit_took_away_is_still_shown(draw: Draw) -> None:
    client = draw({"order": {"id": 1034}}, before={"order": 1043})
    assert "removed" in markup(client)
    assert re.search(r"<s [^>]*>1043</s>", markup(client))


def test_a_call_without_arguments_says_so(draw: Draw) -> None:
    assert "without any values" in words(draw({}))
