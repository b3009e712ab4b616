"""The CRM's tools for orders, parcels and money, each called over MCP in a real process."""

from collections.abc import Iterator

import pytest

from agents.demo.crm.testing import TODAY, Crm, running

ADDRESS = {"street": "Storgata 1", "postcode": "9008", "city": "Tromsø", "country": "NO"}


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    with running(tmp_path_factory.mktemp("crm") / "orders.db") as crm:
        yield crm


def an_order(crm: Crm, condition: str) -> int:
    return int(crm.value(f"select order_id from order_sums where {condition} order by order_id desc"))


def new_order(crm: Crm, sku: str = "LGT-803", quantity: int = 1) -> int:
    crm.change("adjust_stock", sku=sku, by=quantity, reason="for a test")
    order = crm.change("create_order", customer_id="C-1040", lines=[{"sku": sku, "quantity": quantity}])
    return int(order["order_id"])


def test_orders_are_listed_newest_first_with_exact_cents(crm: Crm) -> None:
    ((number, count),) = crm.rows("select customer_id, count(*) from orders group by 1 order by 2 desc, 1 limit 1")
    listed = crm.read("list_orders", customer_id=number, limit=2)
    assert (listed["total"], len(listed["orders"])) == (count, 2)
    assert listed["orders"][0]["placed_on"] >= listed["orders"][1]["placed_on"]
    first = listed["orders"][0]
    assert set(first) == {"order_id", "placed_on", "status", "total", "refunded", "currency", "summary"}
    assert round(first["total"] * 100) == crm.value(
        "select total_cents from order_sums where order_id = ?", first["order_id"]
    )
    assert "There is no customer C-2." in crm.refusal("list_orders", customer_id="C-2")


def test_an_order_adds_up(crm: Crm) -> None:
    order = crm.read("get_order", order_id=an_order(crm, "status = 'delivered'"))
    required = {"order_id", "customer_id", "customer_name", "status", "placed_on", "delivered_on"}
    assert set(order) == required | {"currency", "total", "refunded", "lines"}
    assert order["total"] == round(sum(line["quantity"] * line["price"] for line in order["lines"]), 2)
    assert (order["currency"], order["delivered_on"] > order["placed_on"]) == ("EUR", True)
    assert "There is no order 99." in crm.refusal("get_order", order_id=99)
    assert "too large" in crm.refusal("get_order", order_id=10**30)


def test_an_undelivered_order_has_no_delivery_day(crm: Crm) -> None:
    assert crm.read("get_order", order_id=an_order(crm, "status = 'shipped'"))["delivered_on"] is None


def test_orders_are_searched_by_all_conditions_at_once(crm: Crm) -> None:
    found = crm.read("search_orders", status="delivered", minimum_total=300, placed_since="2026-01-01", sku="TNT-201")
    assert found["total"] > 0
    for order in found["orders"]:
        assert (order["status"], order["total"] >= 300, order["placed_on"] >= "2026-01-01") == ("delivered", True, True)
        assert "Skarv 2" in order["summary"]


def test_a_new_order_takes_its_articles_out_of_stock(crm: Crm) -> None:
    crm.change("adjust_stock", sku="FTW-705", by=10, reason="found a box")
    before = crm.value("select stock from products where sku = 'FTW-705'")
    lines = [{"sku": "FTW-705", "quantity": 3}, {"sku": "FTW-703", "quantity": 1}]
    order = crm.change("create_order", customer_id="C-1041", lines=lines, ship_to=ADDRESS)
    assert (order["total"], order["status"], order["placed_on"]) == (79.2, "placed", TODAY)
    assert crm.value("select stock from products where sku = 'FTW-705'") == before - 3
    assert "Tromsø" in crm.value("select ship_to from orders where order_id = ?", order["order_id"])


def test_a_cancelled_order_puts_its_articles_back_and_cannot_be_cancelled_again(crm: Crm) -> None:
    order = new_order(crm, "FTW-704", 2)
    before = crm.value("select stock from products where sku = 'FTW-704'")
    assert crm.change("cancel_order", order_id=order, reason="changed mind")["status"] == "cancelled"
    assert crm.value("select stock from products where sku = 'FTW-704'") == before + 2
    assert "is cancelled and cannot be cancelled" in crm.refusal("cancel_order", order_id=order, reason="again")


def test_an_order_on_hold_cannot_be_shipped_until_released(crm: Crm) -> None:
    order = new_order(crm)
    crm.change("hold_order", order_id=order, reason="address unclear")
    assert "address unclear" in crm.refusal("create_shipment", order_id=order, carrier="Nordpost")
    assert crm.change("hold_order", order_id=order)["on_hold"] is None
    assert crm.value("select on_hold from orders where order_id = ?", order) is None


def test_the_shipping_address_changes_only_before_shipping(crm: Crm) -> None:
    order = new_order(crm)
    crm.change("change_shipping_address", order_id=order, address=ADDRESS)
    assert crm.value("select ship_to from orders where order_id = ?", order) == "Storgata 1, 9008 Tromsø, NO"
    shipped = an_order(crm, "status = 'shipped'")
    assert "cannot be readdressed" in crm.refusal("change_shipping_address", order_id=shipped, address=ADDRESS)


def test_a_parcel_is_shipped_tracked_and_delivered(crm: Crm) -> None:
    order = new_order(crm)
    made = crm.change("create_shipment", order_id=order, carrier="Pakkeriet")
    parcel = crm.read("track_shipment", order_id=order)["shipments"][0]
    assert (parcel["tracking"], parcel["status"]) == (made["tracking"], "in transit")
    assert crm.change("mark_delivered", order_id=order)["delivered_on"] == TODAY
    assert crm.read("get_order", order_id=order)["status"] == "delivered"


def test_a_return_is_announced_listed_received_and_restocked_once(crm: Crm) -> None:
    order = an_order(crm, "status = 'delivered'")
    sku = crm.value("select sku from order_lines where order_id = ?", order)
    stock = crm.value("select stock from products where sku = ?", sku)
    made = crm.change("create_return", order_id=order, sku=sku, reason="too small")
    announced = crm.read("list_returns", status="announced")["returns"]
    assert [row["return_id"] for row in announced] == [made["return_id"]]
    assert crm.change("receive_return", return_id=made["return_id"], condition="as new")["restocked"] is True
    assert crm.value("select stock from products where sku = ?", sku) == stock + 1
    assert "already" in crm.refusal("receive_return", return_id=made["return_id"], condition="worn")
    assert "left to return" in crm.refusal("create_return", order_id=order, sku=sku, reason="all", quantity=99)


def test_every_refund_is_a_new_one_until_nothing_is_left(crm: Crm) -> None:
    order = an_order(crm, "status = 'delivered' and refunded_cents = 0 and total_cents > 5000")
    total = crm.read("get_order", order_id=order)["total"]
    first = crm.change("refund_order", order_id=order, amount=10.1, reason="scratched")
    second = crm.change("refund_order", order_id=order, amount=10.1, reason="scratched")
    assert first["refund_id"] != second["refund_id"]
    assert (second["order_id"], second["amount"], second["refunded_total"]) == (order, 10.1, 20.2)
    assert second["remaining"] == round(total - 20.2, 2)
    too_much = round(total - 20.19, 2)
    assert "left to refund" in crm.refusal("refund_order", order_id=order, amount=too_much, reason="more")
    assert crm.change("refund_order", order_id=order, amount=second["remaining"], reason="rest")["remaining"] == 0
    assert crm.read("get_order", order_id=order)["refunded"] == total
    reasons = [refund["reason"] for refund in crm.read("list_refunds", order_id=order)["refunds"]]
    assert reasons == ["scratched", "scratched", "rest"]


@pytest.mark.parametrize("amount", [0, -5, 0.001, 1e300, "ten", None])
def test_an_impossible_amount_is_never_refunded(crm: Crm, amount: object) -> None:
    order = an_order(crm, "status = 'delivered' and refunded_cents = 0")
    assert crm.refusal("refund_order", order_id=order, amount=amount, reason="no")


def test_an_unknown_order_is_never_refunded(crm: Crm) -> None:
    assert "There is no order 5." in crm.refusal("refund_order", order_id=5, amount=1, reason="no")


def test_a_placed_order_is_charged_once(crm: Crm) -> None:
    order = new_order(crm)
    paid = crm.change("capture_payment", order_id=order, method="card")
    payments = crm.read("list_payments", order_id=order)["payments"]
    assert [(row["payment_id"], row["amount"]) for row in payments] == [(paid["payment_id"], 39.9)]
    assert "only placed orders" in crm.refusal("capture_payment", order_id=order, method="card")


def test_an_invoice_is_written_read_and_reminded_of(crm: Crm) -> None:
    order = new_order(crm)
    made = crm.change("create_invoice", order_id=order)
    assert (made["total"], made["due_on"]) == (39.9, "2026-12-06")
    assert "already has" in crm.refusal("create_invoice", order_id=order)
    reminder = crm.change("send_payment_reminder", invoice_id=made["invoice_id"])
    assert crm.read("get_invoice", invoice_id=made["invoice_id"])["reminders"] == reminder["reminders"] == 1
    assert "39.90 EUR" in crm.value("select body from mail where message_id = ?", reminder["message_id"])


def test_a_voucher_is_created_redeemed_and_voided(crm: Crm) -> None:
    code = crm.change("create_voucher", amount=25.5, customer_id="C-1042")["code"]
    order = new_order(crm)
    assert crm.change("redeem_voucher", code=code, order_id=order, amount=10.25)["left"] == 15.25
    assert crm.read("get_voucher", code=code)["left"] == 15.25
    assert "left, not 99.00" in crm.refusal("redeem_voucher", code=code, order_id=order, amount=99)
    assert crm.change("void_voucher", code=code, reason="lost")["lost"] == 15.25
    assert "no longer valid" in crm.refusal("redeem_voucher", code=code, order_id=order, amount=1)


def test_store_credit_adds_up(crm: Crm) -> None:
    before = crm.value("select credit_cents from customers where customer_id = 'C-1043'")
    crm.change("grant_store_credit", customer_id="C-1043", amount=7.77, reason="sorry")
    assert crm.value("select credit_cents from customers where customer_id = 'C-1043'") == before + 777
