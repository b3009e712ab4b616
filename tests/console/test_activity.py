"""What admins did: everything of it is recorded, found again by filters, paged, and exported without formulas."""

import csv
import io
from pathlib import Path

import pytest

from console import activity_csv, connector_form
from console.pages.versions_document import readable
from store.configuration import Change, ConfigurationStore, Stored
from store.database import Database
from store.people import People, Role
from store.queries import Queries
from store.queries.activity import Filter
from store.secrets import Secrets
from tests.console.conftest import Served


async def test_every_kind_of_change_is_recorded_with_who_made_it(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    people, store, secrets = People(database), ConfigurationStore(database), Secrets(database)
    await people.create("olga", "Olga", Role.OPERATOR, None, by="ann")
    await people.change("olga", role=Role.ADMIN, by="ann")
    await people.set_password("olga", "a quiet harbour at dawn", by="ann")
    await people.make_link("olga", by="ann")
    await people.sign_out_everywhere("olga", by="ann")
    await people.make_token("robot", Role.VIEWER, by="ann")
    await people.revoke_token((await people.tokens())[0].id, by="ann")
    await secrets.set("key", "s3cret", by="ann")
    await secrets.delete("key", by="ann")
    await store.change([Change("model", "m", {"name": "m"})], by="ann")
    await store.change([Change("model", "m", None)], by="ann")
    await store.note("ann", "connector restarted", "crm")
    found = (await Queries(database).activity()).items
    assert {one["by"] for one in found} == {"ann"}
    assert [one["subject"] for one in found][::-1] == [
        "olga", "olga", "olga", "olga", "olga", "robot", "robot", "key", "key", "model m", "model m", "crm",
    ]  # fmt: skip
    assert found[1]["detail"] == "version 2, deleted"
    assert "s3cret" not in str(found)
    database.close()


async def test_it_is_filtered_by_person_action_and_subject_and_read_page_by_page(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    store, queries = ConfigurationStore(database), Queries(database)
    for n in range(5):
        await store.note("ann" if n % 2 else "ben", "connector restarted", f"crm_{n}%")
    await store.note("ann", "secret set", "crm key", "for crm_9")
    assert await subjects(queries, Filter(by="ben")) == ["crm_4%", "crm_2%", "crm_0%"]
    assert await subjects(queries, Filter(action="secret set")) == ["crm key"]
    assert await subjects(queries, Filter(q="crm_1%")) == ["crm_1%"]
    assert await subjects(queries, Filter(q="CRM_9")) == ["crm key"]
    assert await subjects(queries, Filter(by="ben", q="_2")) == ["crm_2%"]
    assert len(await subjects(queries, Filter())) == 6
    assert await queries.activity_words() == {"by": ["ann", "ben"], "action": ["connector restarted", "secret set"]}
    database.close()


async def subjects(queries: Queries, wanted: Filter) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        page = await queries.activity(wanted, limit=2, cursor=cursor)
        found += [one["subject"] for one in page.items]
        if (cursor := page.next_cursor) is None:
            return found


async def test_what_the_program_notes_by_itself_is_nobodys_act(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    store = ConfigurationStore(database)
    await store.change([Change("definition", "crm/refund", {"hash": "1"})], by="quarterdeck")
    await store.change([Change("definition", "crm/refund", {"hash": "2"})], by="ann")
    found = (await Queries(database).activity()).items
    assert [(one["by"], one["subject"]) for one in found] == [("ann", "definition crm/refund")]
    database.close()


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n@x"])
def test_no_cell_of_the_export_is_calculated(cell: str) -> None:
    row = dict.fromkeys(activity_csv.COLUMNS, cell)
    read = next(csv.reader(io.StringIO(activity_csv.rows([row]), newline="")))
    assert read == [f"'{cell}"] * 5


def test_the_export_keeps_every_other_cell_as_it_is() -> None:
    row = {"at": "2026-03-02", "by": 'Ann "A"', "action": "a, b", "subject": "two\nlines", "detail": ""}
    text = activity_csv.head() + activity_csv.rows([row])
    assert list(csv.reader(io.StringIO(text, newline=""))) == [list(activity_csv.COLUMNS), list(row.values())]


async def test_the_page_and_the_export_are_for_admins(console: Served) -> None:
    for who, expected in (("admin", 200), ("operator", 403), ("viewer", 403), (None, 303)):
        async with console.browser(who) as browser:
            assert (await browser.get("/activity")).status_code == expected, who
            assert (await browser.get("/activity/export")).status_code == expected, who


async def test_the_export_holds_what_the_page_lists(console: Served) -> None:
    async with console.browser("admin") as browser:
        answer = await browser.get("/activity/export", params={"action": "person created", "q": "newcomer"})
        page = await browser.get("/activity", params={"action": "person created", "q": "newcomer"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.text, newline="")))
    assert rows[0] == list(activity_csv.COLUMNS)
    assert [row[1:] for row in rows[1:]] == [["test", "person created", "newcomer", "viewer"]]
    assert "newcomer" in page.text and "q=newcomer" in page.text


async def test_versions_may_be_read_by_everybody_who_is_signed_in(console: Served) -> None:
    async with console.browser("viewer") as browser:
        assert (await browser.get("/versions")).status_code == 200
        gone = await browser.get("/versions/policy/nothing")
    assert "There are no versions" in gone.text


def test_what_may_be_a_key_is_hidden_in_versions_from_those_who_are_no_admins() -> None:
    document = {"name": "crm", "kind": "mcp_stdio", "env": {"KEY": "sk-house", "OTHER": "env:OTHER"}}
    history = [Stored(version=n, document=one, by="ann", at="") for n, one in ((1, document), (2, None))]
    first, second = readable("connector", history)
    assert first.document["env"] == {"KEY": connector_form.HIDDEN, "OTHER": "env:OTHER"}
    assert second.document is None
    assert readable("policy", history) == history
