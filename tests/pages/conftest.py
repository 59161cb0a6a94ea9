"""A real Chromium, logged in; whatever it complains about (scripts, the content security policy) fails the test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, sync_playwright

from tests.live import Server

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
SECONDS = 20


class Complaints:
    """What a page wrote to its console as an error, and what it threw; `expected` are answers that a test provokes."""

    def __init__(self, context: BrowserContext) -> None:
        self.found: list[str] = []
        self.expected: tuple[str, ...] = ()
        context.on("console", lambda message: self.add(message.type, message.text))
        context.on("weberror", lambda error: self.add("error", str(error.error)))
        context.on("dialog", self.dialog)

    def add(self, kind: str, text: str) -> None:
        """Remember errors and warnings."""
        if kind in ("error", "warning") and not any(part in text for part in self.expected):
            self.found.append(text)

    def dialog(self, dialog: Dialog) -> None:
        """Confirm questions; an alert is what injected scripts show."""
        if dialog.type == "alert":
            self.found.append("alert")
        dialog.accept()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests: the system's, since no browser can be fetched from elsewhere."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "These tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def session(browser: Browser, server: Server) -> dict[str, object]:
    """The cookies of one login by the form, for all tests that do not test logging in."""
    context = browser.new_context()
    page = context.new_page()
    log_in(page, server)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(params=[{}])
def context(
    browser: Browser, server: Server, session: dict[str, object], request: pytest.FixtureRequest
) -> Iterator[BrowserContext]:
    """A window of the administrator; a test's parameters change its size or its colours."""
    options = {"viewport": DESKTOP, "base_url": server.url, "storage_state": session, "locale": "en-GB"}
    window = browser.new_context(**(options | request.param))
    window.set_default_timeout(SECONDS * 1000)
    yield window
    window.close()


@pytest.fixture
def complaints(context: BrowserContext) -> Iterator[Complaints]:
    """Fails the test for anything that the browser complained about."""
    heard = Complaints(context)
    yield heard
    assert heard.found == []


@pytest.fixture
def page(context: BrowserContext, complaints: Complaints) -> Page:
    """A tab."""
    return context.new_page()


def log_in(page: Page, server: Server, path: str = "/api/login/") -> None:
    """Fill in the form of the login page."""
    page.goto(server.url + path)
    page.get_by_label("Username").fill(server.user)
    page.get_by_label("Password").fill(server.password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state()
