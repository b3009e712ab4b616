"""The billing service by itself, in its own process: refunds happen once, and every refusal says why."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from agents.demo.billing.books import read_ledger


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("billing")


@pytest.fixture(scope="module")
def billing(data: Path) -> Iterator[httpx.Client]:
    command = [sys.executable, "-m", "agents.demo.billing", "--database", str(data / "billing.db")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        yield client
    process.terminate()
    process.wait()


def test_a_refund_is_made_once_however_often_it_is_sent(billing: httpx.Client, data: Path) -> None:
    before = len(read_ledger(data / "billing.db"))
    form, headers = {"charge": "ch_1010", "amount": "500"}, {"Idempotency-Key": "k1"}
    first = billing.post("/v1/refunds", data=form, headers=headers)
    again = billing.post("/v1/refunds", data=form, headers=headers)
    other = billing.post("/v1/refunds", data=form | {"amount": "501"}, headers=headers)
    assert first.json() == again.json()
    assert first.json()["amount"] == 500
    assert other.json()["error"]["code"] == "idempotency_key_in_use"
    assert read_ledger(data / "billing.db")[before:] == [
        ("create_refund", {"charge": "ch_1010", "amount": 500, "reason": None})
    ]


def test_no_more_is_refunded_than_is_left(billing: httpx.Client) -> None:
    whole = billing.post("/v1/refunds", data={"charge": "ch_1011"}).json()
    assert billing.get("/v1/charges/ch_1011").json()["amount_refunded"] == whole["amount"]
    refused = billing.post("/v1/refunds", data={"charge": "ch_1011", "amount": "1"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (402, "amount_too_large")


@pytest.mark.parametrize(
    ("path", "form", "status", "code"),
    [
        ("/v1/refunds", {}, 400, "parameter_missing"),
        ("/v1/refunds", {"charge": "ch_1", "amount": "1"}, 404, "resource_missing"),
        ("/v1/refunds", {"charge": "ch_1012", "amount": "1.5"}, 400, "parameter_invalid"),
        ("/v1/refunds", {"charge": "ch_1012", "amount": "0"}, 400, "amount_too_small"),
        ("/v1/refunds", {"charge": "ch_1012", "reason": "mood"}, 400, "parameter_invalid"),
        ("/v1/invoices/in_2001/void", {}, 400, "invoice_not_open"),
        ("/v1/nothing", {}, 404, "no_such_operation"),
    ],
)
def test_what_is_not_done_says_why(
    billing: httpx.Client, path: str, form: dict[str, str], status: int, code: str
) -> None:
    refused = billing.post(path, data=form)
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)


def test_an_open_invoice_is_voided_once(billing: httpx.Client) -> None:
    (invoice,) = billing.get("/v1/invoices?status=open&limit=1").json()["data"]
    assert billing.post(f"/v1/invoices/{invoice['id']}/void").json()["status"] == "void"
    assert billing.post(f"/v1/invoices/{invoice['id']}/void").status_code == 400


def test_a_web_page_in_a_browser_gets_nothing(billing: httpx.Client) -> None:
    assert billing.get("/v1/balance", headers={"Origin": "https://evil.example"}).status_code == 403
    assert billing.get("/v1/balance", headers={"Host": "evil.example"}).status_code == 403
    assert billing.get("/v1/balance").json()["available"] > 0


def test_two_services_do_not_fight_for_one_port(billing: httpx.Client, tmp_path: Path) -> None:
    taken = str(billing.base_url.port)
    command = [sys.executable, "-m", "agents.demo.billing", "--database", str(tmp_path / "b.db"), "--port", taken]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() not in ("", taken)
    process.terminate()
    process.wait()
