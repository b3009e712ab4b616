"""Health, the description of the API, the page that shows it, and the form of refusals."""

import re

import httpx
import pytest

from agents.errors import AlreadyDecided, Missing
from console.api.problems import refusal
from store.errors import StoreUnavailable

from .desk_work import SESSIONS, is_problem


def test_health_needs_no_token(stranger: httpx.Client) -> None:
    answer = stranger.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": "0.0-test"})


def test_every_route_is_described_with_answers_refusals_and_a_name(stranger: httpx.Client) -> None:
    described = stranger.get("/api/openapi.json").json()
    assert described["info"]["title"] == "Quarterdeck"
    names = []
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            names.append(operation["operationId"])
            assert operation["summary"]
            assert any(status.startswith("2") for status in operation["responses"])
            if path == "/healthz":
                continue
            assert path.startswith("/api/v1/")
            assert {"401", "403", "503"} <= set(operation["responses"])
            assert "application/problem+json" in operation["responses"]["401"]["content"]
            assert ("Idempotency-Key" in str(operation["parameters"] if method == "post" else "")) is (method == "post")
            assert method == "get" or operation["requestBody"]
    assert len(set(names)) == len(names)


def test_every_reference_of_the_description_leads_somewhere(stranger: httpx.Client) -> None:
    answer = stranger.get("/api/openapi.json")
    schemas = set(answer.json()["components"]["schemas"])
    assert set(re.findall(r'"#/components/schemas/([^"]+)"', answer.text)) <= schemas


def test_the_page_asks_no_other_host(stranger: httpx.Client) -> None:
    page = stranger.get("/api/docs")
    assert page.headers["content-type"].startswith("text/html")
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(links) == 3 and "//" not in "".join(links)
    for link in links:
        assert stranger.get(f"/api/{link}").status_code == 200
    style = stranger.get("/api/docs/assets/swagger-ui.css").text
    assert not re.findall(r"url\((?!['\"]?data:)", style) and "@import" not in style
    is_problem(stranger.get("/api/docs/assets/../../conftest.py"), 404)
    is_problem(stranger.get("/api/docs/assets/nothing.js"), 404)


@pytest.mark.parametrize(
    ("error", "status"), [(StoreUnavailable("The disk is full."), 503), (Missing("Gone."), 409), (KeyError("x"), 500)]
)
def test_errors_have_their_status(error: Exception, status: int) -> None:
    answer = refusal(error)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.headers.get("retry-after") is not None) is (status == 503)


def test_a_defect_of_ours_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    answer = refusal(RuntimeError("the secret inside"))
    assert b"secret" not in answer.body and "the secret inside" in caplog.text


def test_a_conflict_names_the_winner() -> None:
    assert b'"winner": "ada"' in refusal(AlreadyDecided("It is approved already.", winner="ada")).body


def test_an_address_with_a_slash_too_many_is_a_problem_too(stranger: httpx.Client) -> None:
    is_problem(stranger.get(f"{SESSIONS}/"), 404)
