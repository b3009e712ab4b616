"""Coming in by password or link, what the cookie is like, and what every answer tells the browser."""

import asyncio

import pytest

from .conftest import Served

RIGHT = {"name": "viewer", "password": "correct horse battery"}
WRONG = RIGHT | {"password": "guessed"}


def from_(address: str, **headers: str) -> dict[str, str]:
    """Behind the trusted proxy of the guarded console, so that tests do not share one throttled address."""
    return {"X-Forwarded-For": address, **headers}


async def test_the_right_password_opens_the_page_that_was_asked_for(console: Served) -> None:
    async with console.browser() as browser:
        asked = await browser.get("/buttons?a=1&b=2")
        shown = await browser.get(asked.headers["location"])
        assert 'name="next" value="/buttons?a=1&amp;b=2"' in shown.text
        response = await browser.post("/signin", data=RIGHT | {"next": "/buttons?a=1&b=2"}, headers=from_("a1"))
        assert (response.status_code, response.headers["location"]) == (303, "/buttons?a=1&b=2")
        assert (await browser.get("/buttons")).status_code == 200


async def test_signing_in_never_leads_to_another_host(console: Served) -> None:
    async with console.browser() as browser:
        response = await browser.post("/signin", data=RIGHT | {"next": "//evil.example"}, headers=from_("a2"))
    assert response.headers["location"] == "/inbox"


@pytest.mark.parametrize("form", [WRONG, {"name": "nobody", "password": "x"}, {"name": "newcomer", "password": ""}, {}])
async def test_a_wrong_password_and_an_unknown_name_look_the_same(console: Served, form: dict[str, str]) -> None:
    async with console.browser() as browser:
        response = await browser.post("/signin", data=form, headers=from_(f"a3 {form}"))
    assert response.status_code == 401
    assert "That name and password do not match." in response.text
    assert "set-cookie" not in response.headers


async def test_what_was_typed_comes_back_as_text(console: Served) -> None:
    async with console.browser() as browser:
        form = {"name": '"><script>alert(1)</script>', "password": "x", "next": '/"><script>'}
        response = await browser.post("/signin", data=form, headers=from_("a4"))
    assert "<script>alert(1)" not in response.text and '/"><script>' not in response.text


async def test_guessing_is_slowed_down_with_a_sentence(console: Served) -> None:
    async with console.browser() as browser:
        guess = {"name": "guessed-at", "password": "x"}
        answers = await asyncio.gather(
            *(browser.post("/signin", data=guess, headers=from_(f"a5 {n}")) for n in range(8))
        )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [401] * 5 + [429] * 3
    late = next(answer for answer in answers if answer.status_code == 429)
    assert 0 < int(late.headers["retry-after"]) <= 60
    assert f"Try again in {late.headers['retry-after']} seconds." in late.text


async def test_a_cookie_on_http(console: Served) -> None:
    async with console.browser() as browser:
        response = await browser.post("/signin", data=RIGHT, headers=from_("a6"))
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("qd_session=")
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert "Secure" not in cookie and "Domain" not in cookie
    assert "strict-transport-security" not in response.headers


async def test_a_cookie_on_https(console: Served) -> None:
    secure = {"X-Forwarded-Proto": "https", "Origin": console.url.replace("http:", "https:")}
    async with console.browser() as browser:
        response = await browser.post("/signin", data=RIGHT, headers=from_("a7", **secure))
        cookie = response.headers["set-cookie"]
        assert cookie.startswith("__Host-qd_session=")
        assert (
            all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/")) and "Domain" not in cookie
        )
        assert response.headers["strict-transport-security"]
        token = cookie.split(";")[0].partition("=")[2]
        for name, status in (("__Host-qd_session", 200), ("qd_session", 303)):
            answer = await browser.get("/buttons", headers={"X-Forwarded-Proto": "https", "Cookie": f"{name}={token}"})
            assert answer.status_code == status


async def test_forwarded_headers_are_believed_from_a_trusted_proxy_only(unguarded: Served) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "//evil.example"}
    async with unguarded.browser() as browser:
        response = await browser.post("/signin", data=RIGHT, headers=forwarded)
    assert response.headers["set-cookie"].startswith("qd_session=")
    assert response.headers["location"] == "/inbox"


async def test_each_sign_in_gets_a_token_of_its_own_and_ends_the_one_before(console: Served) -> None:
    async with console.browser() as browser:
        await browser.post("/signin", data=RIGHT, headers=from_("a8"))
        first = browser.cookies["qd_session"]
        await browser.post("/signin", data=RIGHT, headers=from_("a8"))
        assert browser.cookies["qd_session"] != first
    async with console.browser() as browser:
        assert (await browser.get("/buttons", headers={"Cookie": f"qd_session={first}"})).status_code == 303


FORMS = ("/signin", "/signout", "/link/abc", "/welcome", "/buttons", "/_nicegui/client/x/upload/1")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "origin", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Referer": "http://evil.example/"}, {}]
)
async def test_a_form_of_another_site_does_nothing(console: Served, method: str, origin: dict[str, str]) -> None:
    async with console.browser("admin") as browser:
        del browser.headers["Origin"]
        answers = [await browser.request(method, path, data=RIGHT, headers=origin) for path in FORMS]
        assert (await browser.get("/buttons")).status_code == 200
    assert {answer.status_code for answer in answers} == {403}
    assert all("another site" in answer.text for answer in answers)


async def test_a_form_that_is_too_long_is_not_read_to_its_end(console: Served) -> None:
    async with console.browser() as browser:
        response = await browser.post("/signin", data=RIGHT | {"x": "y" * 20_000}, headers=from_("a9"))
    assert response.status_code == 413


async def _new_link(console: Served, name: str) -> str:
    async with console.browser("admin") as admin:
        return f"/link/{(await admin.get(f'/link-for/{name}')).json()}"


async def test_looking_at_a_link_reveals_nothing_and_uses_nothing_up(console: Served) -> None:
    link = await _new_link(console, "viewer")
    async with console.browser() as browser:
        pages = [await browser.get(path) for path in (link, link, "/link/made-up")]
        assert {(page.status_code, page.text) for page in pages} == {(200, pages[0].text)}
        assert (await browser.post(link)).headers["location"] == "/welcome"


async def test_of_twenty_who_use_a_link_at_once_one_comes_in(console: Served) -> None:
    link = await _new_link(console, "viewer")
    async with console.browser() as browser:
        answers = await asyncio.gather(*(browser.post(link) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [303] + [410] * 19
    refused = next(answer for answer in answers if answer.status_code == 410)
    assert "python main.py link NAME" in refused.text and "set-cookie" not in refused.headers


async def test_a_newcomer_chooses_a_password_before_anything_else(console: Served) -> None:
    async with console.browser() as browser:
        await browser.post(await _new_link(console, "newcomer"))
        assert (await browser.get("/buttons")).headers["location"] == "/welcome"
        by_link = browser.cookies["qd_session"]
        shown = (await browser.get("/welcome")).text
        assert "Welcome aboard" in shown and "<b>newcomer</b>" in shown
        for password, again in (("too short", "too short"), ("a long password", "another password")):
            form = {"display_name": "New Comer", "password": password, "again": again}
            refused = await browser.post("/welcome", data=form)
            assert refused.status_code == 422 and 'value="New Comer"' in refused.text
        form = {"display_name": "New Comer", "password": "a long password", "again": "a long password"}
        assert (await browser.post("/welcome", data=form)).headers["location"] == "/inbox"
        assert browser.cookies["qd_session"] != by_link
        assert (await browser.get("/buttons")).status_code == 200
        assert (await browser.get("/welcome")).headers["location"] == "/inbox"
    async with console.browser() as browser:
        form = {"name": "newcomer", "password": "a long password"}
        assert (await browser.post("/signin", data=form, headers=from_("a10"))).status_code == 303


async def test_a_link_lets_somebody_who_forgot_their_password_choose_a_new_one(console: Served) -> None:
    async with console.browser() as browser:
        await browser.post(await _new_link(console, "viewer"))
        assert "Choose a new password?" in (await browser.get("/welcome")).text
        assert (await browser.get("/buttons")).status_code == 200


async def test_a_password_cannot_be_changed_by_whoever_finds_an_open_browser(console: Served) -> None:
    token = await console.sign_in("viewer")
    form = {"display_name": "x", "password": "a long password", "again": "a long password"}
    async with console.browser() as browser:
        browser.cookies.set("qd_session", token)
        assert (await browser.post("/welcome", data=form)).headers["location"] == "/inbox"
        assert (await browser.post("/signin", data=RIGHT, headers=from_("a11"))).status_code == 303


PLACES = ["/", "/signin", "/link/x", "/welcome", "/inbox", "/buttons", "/people", "/nowhere", "/assets/app.css"]
PLACES += ["/assets/nothing", "/favicon.ico", "/healthz", "/api/v1/sessions", "/api/docs", "/broken", "/ids"]


@pytest.mark.parametrize("who", [None, "viewer", "admin"])
async def test_every_answer_says_what_the_browser_may_do(console: Served, who: str | None) -> None:
    async with console.browser(who) as browser:
        answers = [await browser.get(path) for path in PLACES]
    assert {answer.status_code for answer in answers} >= ({200, 303, 404, 401} if who is None else {200, 303, 404, 500})
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        for directive in ("img-src 'self' data:", "connect-src 'self'", "frame-ancestors 'none'", "object-src 'none'"):
            assert directive in policy
        assert "*" not in policy and "http" not in policy
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        if answer.headers.get("content-type", "text/html").startswith("text/html"):
            assert answer.headers["cache-control"] == "no-store"


async def test_the_demo_configuration_is_no_asset(console: Served) -> None:
    async with console.browser() as browser:
        for path in (
            "/assets/demo/configuration.yaml",
            "/assets/fonts/../demo/configuration.yaml",
            "/assets/fonts/%2e%2e/app.css",
        ):
            assert (await browser.get(path)).status_code in (303, 404)


async def test_a_page_that_breaks_says_so_and_keeps_the_reason_to_itself(console: Served) -> None:
    async with console.browser("viewer") as browser:
        for path in ("/broken", "/broken-page"):
            answer = await browser.get(path)
            assert (answer.status_code, "on purpose" in answer.text) == (500, False)
            assert "its log says why" in answer.text


async def test_an_unknown_address_gets_a_sentence_and_a_way_back(console: Served) -> None:
    async with console.browser("viewer") as browser:
        answer = await browser.get("/nowhere")
    assert answer.status_code == 404
    assert "nothing at this address" in answer.text and 'href="/"' in answer.text
