"""The pages of the report in a real browser: one window for the tests of a file, emptied for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page


@pytest.fixture(scope="module")
def watched(browser) -> tuple[Page, list[str]]:
    """One page for all tests, and what is wrong with it: errors in its console, and whatever leaves the disk."""
    opened, wrong = browser.new_page(), []
    opened.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda one: wrong.append(one.url) if not one.url.startswith(("file:", "data:")) else None)
    opened.on("requestfailed", lambda one: wrong.append(f"failed: {one.url}"))
    return opened, wrong


@pytest.fixture
def anything(watched) -> Page:
    """A page on which anything goes; axe itself asks for the style sheet again, which a file may not."""
    opened, wrong = watched
    opened.goto("about:blank")
    opened.emulate_media(media="null")
    opened.set_viewport_size({"width": 1280, "height": 900})
    wrong.clear()
    return opened


@pytest.fixture
def page(anything: Page, watched) -> Iterator[Page]:
    """A page that fails the test where the console reports an error or anything leaves the disk."""
    yield anything
    assert watched[1] == []
