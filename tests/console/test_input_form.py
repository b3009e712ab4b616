"""A question that is not refused can always be drawn, whatever a server wrote as its fields and defaults."""

from typing import Any

from hypothesis import given, settings
from nicegui import Client, ui
from nicegui.page import page

from agents.forms import Form, Question, form_of
from console.components.approval_input import InputForm
from tests.agents.field_schemas import FIELDS


def built(form: Form) -> InputForm:
    """As in the detail of the inbox."""
    client = Client(page(""))
    try:
        with client:
            approval = {"form": form.model_dump(mode="json"), "connector": "crm", "status": "pending"}
            shown = InputForm(approval, may_answer=True)
            shown.build()
            assert any("crm asks" in one.content for one in client.elements.values() if isinstance(one, ui.html))
            return shown
    finally:
        client.delete()


def asked(field: Any) -> Form:
    schema = {"type": "object", "properties": {"one": field}, "required": ["one"]}
    return form_of((Question(key="k", message="What?", fields=schema),))


def test_a_choice_whose_default_is_none_of_its_own_is_drawn_and_waits_for_one_to_be_chosen() -> None:
    assert built(asked({"type": "string", "enum": ["a"], "default": ["zz"]})).answers() is None
    assert built(asked({"type": "string", "enum": ["a"], "default": "a"})).answers() == '{"one": "a"}'


def test_a_default_that_cannot_be_seen_among_the_choices_is_not_sent() -> None:
    several = {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}, "default": ["b", "zz"]}
    assert built(asked(several)).answers() == '{"one": ["b"]}'


@settings(deadline=None)
@given(field=FIELDS)
def test_every_question_can_be_drawn(field: Any) -> None:
    form = asked(field)
    assert built(form).refused == bool(form.refused)
