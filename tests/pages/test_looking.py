"""Looking round: login, overview, lists, filters, pages, other sizes and colours."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.live import Server

from .conftest import DESKTOP, PHONE, Complaints

PATHS = (
    "/api/",
    "/api/v2/",
    "/api/v2/dashboard/",
    "/api/v2/organizations/",
    "/api/v2/organizations/1/",
    "/api/v2/job_templates/",
    "/api/v2/unified_jobs/",
    "/api/v2/settings/all/",
    "/api/v2/activity_stream/",
    "/api/v2/ping/",
    "/api/v2/metrics/",
    "/api/v2/no-such-thing/",
    "/api/v2/organizations/999999/",
    "/api/o/",
)


def test_a_stranger_is_led_through_the_login_to_the_page_he_asked_for(browser: Browser, server: Server):
    context = browser.new_context(base_url=server.url, viewport=DESKTOP)
    heard = Complaints(context)
    heard.expected = ("401",)
    page = context.new_page()
    page.goto("/api/v2/organizations/?order_by=name")
    expect(page.get_by_text("You are not logged in")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Log in").click()
    page.get_by_label("Username").fill(server.user)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill(server.password)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile(r"/api/v2/organizations/\?order_by=name$"))
    page.get_by_role("button", name="Log out").click()
    page.goto("/api/v2/organizations/")
    expect(page.get_by_text("You are not logged in")).to_be_visible()
    context.close()
    assert heard.found == []


def test_from_the_overview_to_an_object_and_back_by_the_trail(page: Page):
    page.goto("/api/v2/")
    expect(page.get_by_role("heading", name="People")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Organizations").click()
    page.get_by_role("link", name="Default", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Default")
    page.get_by_role("link", name='"/api/v2/organizations/1/users/"').click()
    expect(page).to_have_url(re.compile("/organizations/1/users/$"))
    page.get_by_label("Where you are").get_by_role("link", name="Organizations").click()
    expect(page).to_have_url(re.compile("/organizations/$"))


def test_a_list_is_searched_filtered_ordered_and_turned_over(page: Page, server: Server):
    for number in range(27):
        assert server.call("POST", "/api/v2/labels/", json={"name": f"l{number:02}", "organization": 1}).ok
    page.goto("/api/v2/labels/")
    page.locator("[name=order_by]").select_option("-name")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("td.name").first).to_contain_text("l26")
    page.get_by_role("link", name="Next").click()
    expect(page.locator("td.name").first).to_contain_text("l01")
    page.get_by_text("Filter by field").click()
    page.locator("#filter-field").select_option("name")
    page.locator("#filter-lookup").select_option("startswith")
    page.locator("#filter-value input").fill("l1")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("td.name")).to_have_count(10)
    assert "name__startswith=l1" in page.url
    page.get_by_role("link", name="name__startswith = l1").click()
    expect(page.locator("td.name")).to_have_count(25)
    page.get_by_label("Search").fill("l26")
    page.get_by_label("Search").press("Enter")
    expect(page.locator("td.name")).to_have_count(1)


@pytest.mark.parametrize(
    "context",
    [{"viewport": PHONE, "color_scheme": "dark", "has_touch": True}, {"color_scheme": "light"}],
    ids=["phone", "desktop"],
    indirect=True,
)
def test_no_page_scrolls_sideways_or_complains(context: BrowserContext, complaints: Complaints):
    complaints.expected = ("404",)
    page = context.new_page()
    for path in PATHS:
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert width[0] <= width[1], path


def test_what_is_not_there_is_said_in_the_same_look(page: Page, complaints: Complaints):
    complaints.expected = ("404",)
    for path in ("/nowhere/", "/api/v2/nowhere/", "/api/v2/teams/999999/"):
        answer = page.goto(path)
        assert answer is not None
        assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        expect(page.get_by_text("awx_lite", exact=True).first).to_be_visible()


def test_nothing_comes_from_elsewhere_and_a_page_is_light(page: Page, server: Server):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    # one row that no test changes: the tests share a server, and what they leave there is not the page's own weight
    page.goto("/api/v2/inventories/?name=Demo%20Inventory")
    expect(page.get_by_text("Demo Inventory").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert asked
    assert all(url.startswith(server.url) for url in asked)
    assert sum(sizes) < 100_000


def test_the_description_of_the_api_is_readable(page: Page):
    page.goto("/api/docs/")
    expect(page.locator(".opblock-tag").first).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="awx_lite").click()
    expect(page).to_have_url(re.compile("/api/v2/$"))


def test_the_consent_page_names_the_application_and_sends_its_code(page: Page, server: Server):
    body = {
        "name": "<b>Tool</b>",
        "organization": 1,
        "client_type": "public",
        "authorization_grant_type": "authorization-code",
        "redirect_uris": f"{server.url}/api/",
    }
    made = server.call("POST", "/api/v2/applications/", json=body).json()
    query = (
        f"client_id={made['client_id']}&response_type=code&scope=read&redirect_uri={server.url}/api/"
        "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
    )
    page.goto(f"/api/o/authorize/?{query}")
    expect(page.get_by_role("heading", name="Authorize <b>Tool</b>?")).to_be_visible()
    page.get_by_role("button", name="Authorize").click()
    expect(page).to_have_url(re.compile(r"/api/\?code=\w+"))
