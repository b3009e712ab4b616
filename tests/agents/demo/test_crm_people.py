"""The CRM's tools for customers and mail, each called over MCP in a real process."""

from collections.abc import Iterator

import pytest

from agents.demo.crm.testing import TODAY, Crm, running

ADDRESS = {"street": "Fjellveien 7", "postcode": "7374", "city": "Røros", "country": "NO"}


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    with running(tmp_path_factory.mktemp("crm") / "people.db") as crm:
        yield crm


@pytest.mark.parametrize(
    "query", ["Åsa Sjöhed", "asa sjohed", "SJÖHED ås", "C-1007", "a.sjohed@", "+46 79 469 17 77", "794691777"]
)
def test_a_customer_is_found_by_any_part_of_what_is_known(crm: Crm, query: str) -> None:
    found = crm.read("find_customer", query=query)
    assert "C-1007" in [customer["customer_id"] for customer in found["customers"]]
    customer = next(customer for customer in found["customers"] if customer["customer_id"] == "C-1007")
    assert set(customer) == {"customer_id", "name", "email", "phone", "city", "country", "customer_since"}


def test_letters_without_decomposition_are_found_without_their_stroke(crm: Crm) -> None:
    found = crm.read("find_customer", query="torbjorn lyngstol")
    assert found["customers"][0]["name"] == "Torbjørn Lyngstøl"


def test_finding_counts_beyond_its_limit_and_nobody_is_an_empty_list(crm: Crm) -> None:
    assert len(crm.read("find_customer", query=".example", limit=3)["customers"]) == 3
    assert crm.read("find_customer", query=".example", limit=3)["total"] >= 300
    assert crm.read("find_customer", query="nobody-like-this") == {"customers": [], "total": 0}
    assert crm.read("find_customer", query="   ")["total"] == 0


def test_a_customer_comes_with_address_and_counts(crm: Crm) -> None:
    notes = "select customer_id, count(*) from notes group by 1 order by 2 desc, 1 desc limit 1"
    ((number, count),) = crm.rows(notes)
    customer = crm.read("get_customer", customer_id=number)
    assert (customer["customer_id"], customer["notes"]) == (number, count)
    assert customer["address"]["city"] == customer["city"]
    assert customer["marketing_consent"] in (True, False)
    open_orders = "select count(*) from orders where customer_id = ? and status in ('placed', 'paid', 'shipped')"
    assert customer["open_orders"] == crm.value(open_orders, number)


def test_an_unknown_customer_is_named_in_the_error(crm: Crm) -> None:
    assert "There is no customer C-1." in crm.refusal("get_customer", customer_id="C-1")


def test_customers_are_listed_by_country_tag_and_consent(crm: Crm) -> None:
    listed = crm.read("list_customers", country="NO", marketing_consent=True)
    assert {customer["country"] for customer in listed["customers"]} == {"NO"}
    assert listed["total"] == crm.value("select count(*) from customers where country = 'NO' and marketing_consent")
    vips = crm.read("list_customers", tag="vip")["total"]
    assert vips == crm.value("select count(*) from tags where tag = 'vip'") > 0


def test_a_new_customer_gets_the_next_number(crm: Crm) -> None:
    last = crm.value("select max(customer_id) from customers")
    made = crm.change("create_customer", name="Ødegård Ünlü", email="o.unlu@tarnnet.example", address=ADDRESS)
    assert made["customer_id"] == f"C-{int(last[2:]) + 1}"
    assert made["customer_since"] == TODAY
    assert "already belongs to" in crm.refusal(
        "create_customer", name="Again", email="o.unlu@tarnnet.example", address=ADDRESS
    )


def test_updating_changes_only_the_fields_given(crm: Crm) -> None:
    name = crm.value("select name from customers where customer_id = 'C-1020'")
    after = crm.change("update_customer", customer_id="C-1020", phone="+47 1", address=ADDRESS)
    assert (after["name"], after["phone"], after["address"]) == (name, "+47 1", ADDRESS)
    assert "Nothing to update" in crm.refusal("update_customer", customer_id="C-1020")


def test_a_note_is_added_and_listed_first(crm: Crm) -> None:
    made = crm.change("add_customer_note", customer_id="C-1021", text="Rang twice 📞")
    notes = crm.read("list_customer_notes", customer_id="C-1021")["notes"]
    assert notes[0] | {"at": ""} == {
        "note_id": made["note_id"],
        "at": "",
        "author": "assistant",
        "text": "Rang twice 📞",
    }


def test_tags_are_added_once_and_removed(crm: Crm) -> None:
    assert "alpinist" in crm.change("tag_customer", customer_id="C-1022", tags=["alpinist"])["tags"]
    assert crm.change("tag_customer", customer_id="C-1022", tags=["alpinist"])["changed"] == 0
    assert (
        "alpinist" not in crm.change("tag_customer", customer_id="C-1022", tags=["alpinist"], action="remove")["tags"]
    )


def test_consent_is_recorded_with_its_reason(crm: Crm) -> None:
    crm.change("set_marketing_consent", customer_id="C-1023", consent=False, reason="said so on the phone")
    assert crm.value("select marketing_consent from customers where customer_id = 'C-1023'") == 0
    assert crm.rows("select 1 from notes where customer_id = 'C-1023' and text like '%said so on the phone'")


def test_merging_moves_everything_and_removes_the_other_account(crm: Crm) -> None:
    count = "select count(*) from orders where customer_id in ('C-1024', 'C-1025')"
    orders = crm.value(count)
    crm.change("merge_customers", keep="C-1024", absorb="C-1025")
    assert crm.value("select count(*) from orders where customer_id = 'C-1024'") == orders
    assert not crm.rows("select 1 from customers where customer_id = 'C-1025'")
    assert "with itself" in crm.refusal("merge_customers", keep="C-1024", absorb="C-1024")


def test_deleting_a_customer_erases_the_person_and_keeps_the_orders(crm: Crm) -> None:
    ((number, name, order),) = crm.rows(
        "select customer_id, name, max(order_id) from customers join orders using (customer_id)"
        " where customer_id in (select customer_id from tickets) and customer_id in (select customer_id from mail)"
    )
    orders = crm.value("select count(*) from orders where customer_id = ?", number)
    tickets = crm.value("select count(*) from tickets where customer_id = ?", number)
    gone = crm.change("delete_customer", customer_id=number, reason="asked by letter")
    assert (gone["customer_id"], gone["name"]) == (number, name)
    assert gone["deleted"]["orders_anonymised"] == orders
    assert gone["deleted"]["tickets_deleted"] == tickets
    assert gone["deleted"]["messages_deleted"] > tickets
    for table in ("customers", "tickets", "notes", "tags", "mail", "vouchers", "orders"):
        assert not crm.rows(f"select 1 from {table} where customer_id = ?", number)
    after = crm.read("get_order", order_id=order)
    assert (after["customer_id"], after["customer_name"]) == (None, "(erased)")
    assert f"There is no customer {number}." in crm.refusal("delete_customer", customer_id=number, reason="again")


def test_writing_to_a_customer_uses_the_address_on_file(crm: Crm) -> None:
    email = crm.value("select email from customers where customer_id = 'C-1030'")
    sent = crm.change("write_to_customer", customer_id="C-1030", subject="Grüße", body="Ð æ 漢字\nline")
    assert sent == {"message_id": sent["message_id"], "customer_id": "C-1030", "sent_to": email}
    mail = "select address, subject, body from mail where message_id = ?"
    assert crm.rows(mail, sent["message_id"]) == [(email, "Grüße", "Ð æ 漢字\nline")]
    assert "There is no customer C-9." in crm.refusal("write_to_customer", customer_id="C-9", subject="a", body="b")
    assert crm.refusal("write_to_customer", customer_id="C-1030", subject="", body="b")


def test_writing_to_an_address_needs_a_real_address(crm: Crm) -> None:
    sent = crm.change("write_to_address", address="depot@nordpost.example", subject="Lost", body="Where is it?")
    assert sent == {"message_id": sent["message_id"], "sent_to": "depot@nordpost.example"}
    assert crm.value("select customer_id from mail where message_id = ?", sent["message_id"]) is None
    assert crm.refusal("write_to_address", address="not an address", subject="a", body="b")


def test_sent_mail_is_listed_for_one_customer(crm: Crm) -> None:
    sent = crm.change("write_to_customer", customer_id="C-1031", subject="Only this", body="b")
    newest = crm.read("list_sent_mail", customer_id="C-1031")["mail"][0]
    assert (newest["message_id"], newest["subject"]) == (sent["message_id"], "Only this")


def test_a_template_is_listed_and_sent_with_the_name_filled_in(crm: Crm) -> None:
    assert "refund" in [template["name"] for template in crm.read("list_mail_templates")["templates"]]
    sent = crm.change("send_template", customer_id="C-1032", template="refund")
    name = crm.value("select name from customers where customer_id = 'C-1032'")
    assert name in crm.value("select body from mail where message_id = ?", sent["message_id"])


def test_a_campaign_reaches_exactly_those_who_consented(crm: Crm) -> None:
    before = crm.value("select count(*) from mail")
    sent = crm.change("send_campaign", template="newsletter", country="DE")
    consenting = crm.value("select count(*) from customers where marketing_consent and country = 'DE'")
    assert sent["recipients"] == consenting == crm.value("select count(*) from mail") - before > 5
