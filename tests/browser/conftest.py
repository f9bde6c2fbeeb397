"""A browser against the live application, and a watch over each page: no script error, no stranger asked for anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.world import PASSWORD

Open = Callable[..., Page]
PDF_VIEWER = ("chrome-extension://", "chrome://")  # the browser's own pages


@dataclass
class Watch:
    """What went wrong on the pages of one test."""

    own: str
    faults: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.set_default_timeout(20_000)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("request", self._asked)

    def _heard(self, message: Any) -> None:
        # The browser reports every 4xx here, and some tests cause them on purpose.
        expected = message.text.startswith("Failed to load resource") and "status of 4" in message.text
        if message.type in ("error", "warning") and not expected:
            self.faults.append(f"console: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((f"{self.own}/", "data:", *PDF_VIEWER)):
            self.faults.append(f"other origin: {request.url}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


@pytest.fixture
def watch(live_url: str) -> Iterator[Watch]:
    """Fails the test when any page it opened had a script error, a breach of the CSP or asked another origin."""
    kept = Watch(live_url)
    yield kept
    assert not kept.faults


@pytest.fixture
def open_page(browser: Browser, live_url: str, watch: Watch) -> Iterator[Open]:
    """`open_page("kari")`: a page in a browser of its own, logged in unless the name is empty."""
    contexts = []

    def open_page(username: str = "", width: int = 1280, height: int = 900, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_url, viewport={"width": width, "height": height}, locale="nb-NO", java_script_enabled=scripts
        )
        contexts.append(context)
        page = context.new_page()
        watch.over(page)
        if username:
            page.goto("/login")
            page.fill("[name=username]", username)
            page.fill("[name=password]", PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_url("**/admin/**")
        return page

    yield open_page
    for context in contexts:
        context.close()
