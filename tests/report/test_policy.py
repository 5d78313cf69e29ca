"""Every kind of page has a content security policy under which it works, and follows addresses of the web alone."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest

from helpers import by_hand

pytestmark = pytest.mark.browser

INJECTED = '<script>window.hurt = 1</script><img src="x" onerror="window.hurt = 2"><p style="position: fixed">x</p>'
KINDS = (
    *("report.html", "map.html", "figures/index.html", "audit/index.html", "documents/summary_of_findings.html"),
    *("documents/policy_brief.html", "audit/pages/domain_staff_attitudes.html", "audit/pages/result_r012.html"),
    *("audit/pages/studies.html", "audit/pages/adjudications.html", "audit/pages/queries.html"),
    *("audit/pages/codebook.html", "audit/pages/changes.html"),
)
FALSE_ADDRESSES = ("javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "file:///etc/hosts")
LINKED = re.compile(r'href="([^"]*)"')


@pytest.fixture(scope="module")
def heard(browser):
    """One page for all tests, and what its console says."""
    page, said = browser.new_page(), []
    page.on("console", lambda one: said.append(one.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return page, said


def opened(heard, path):
    """Open a file; return what its console says, and whether something that was put into it ran."""
    page, said = heard
    page.goto("about:blank")
    said.clear()
    page.goto(path.as_uri())
    return said, page.evaluate("window.hurt ?? null")


def wider_than(page, address):
    """Return the widths of a window that a page does not fit."""
    wider = []
    for width in (1100, 800, 375):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(address)
        wider += [width] * page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return wider


@pytest.mark.workflow
def test_every_page_of_a_review_names_what_may_run(finished):
    results = finished / "results"
    every = [*results.rglob("*.html")]
    silent = [path.name for path in every if "default-src 'none'" not in path.read_text("utf-8")[:2000]]
    loose = [path.name for path in every if re.search(r'unsafe-|<[^>]*\s(?:style|on[a-z]+)="', path.read_text("utf-8"))]
    assert (silent, loose) == ([], []) and len(every) > 180


@pytest.mark.workflow
@pytest.mark.parametrize("name", KINDS)
def test_a_page_works_under_its_policy_and_nothing_else_runs(heard, finished, tmp_path, name):
    page, path = heard[0], finished / "results" / name
    said, hurt = opened(heard, path)
    policy = page.locator('head meta[http-equiv="Content-Security-Policy"]').get_attribute("content")
    assert wider_than(page, path.as_uri()) == []
    assert (said, hurt) == ([], None) and policy.startswith("default-src 'none'; base-uri 'none'")
    text = path.read_text("utf-8")
    beside = tmp_path / "tampered.html"
    beside.write_text(text.replace("</h1>", f"</h1>{INJECTED}", 1), encoding="utf-8")
    said, hurt = opened(heard, beside)
    assert hurt is None and len([one for one in said if "Content Security Policy" in one]) >= 3


@pytest.mark.workflow
def test_an_address_that_is_none_of_the_web_is_text_on_pages_and_in_documents(finished_example, tmp_path, edit):
    own = shutil.copytree(finished_example, tmp_path / "review")
    reports = own / "results" / "audit" / "extracted" / "reports.csv"
    for row, address in enumerate(FALSE_ADDRESSES, 2):
        edit(reports, row, "source_url", address)
        edit(reports, row, "doi", address)
    syntheses = sorted(path.relative_to(own).as_posix() for path in (own / "results" / "synthesis").glob("*.json"))
    people = ("--involvement", "results/audit/involvement.yaml")
    settled = ("--settings", "results/settings.yaml", "--data", "results/audit")
    by_hand(
        own,
        ("report", *syntheses, *settled, "--out", "results/report.html"),
        ("map", *syntheses, *settled, "--out", "results/map.html"),
        ("documents", *syntheses, *settled, *people, "--out", "results/documents"),
        ("traces", *settled, "--out", "results/audit/trace"),
        ("audit", *syntheses, *settled, "--out", "results/audit/index.html"),
    )
    shown = {path: path.read_text("utf-8") for path in (own / "results").rglob("*.html")}
    wrong = [(p.name, at) for p, text in shown.items() for at in LINKED.findall(text) if _is_false(at)]
    assert wrong == []
    said = [text for text in shown.values() if FALSE_ADDRESSES[0] in text]
    assert len(said) >= 2
    for path in (own / "results" / "documents").glob("*.[dx]*x"):
        assert not _leads_astray(path), path.name
    for path in (own / "results" / "documents").glob("*.pdf"):
        assert b"javascript:" not in path.read_bytes() and b"file:///" not in path.read_bytes()


def _is_false(address):
    return address.lower().startswith(("javascript:", "data:", "file:"))


def _leads_astray(path: Path) -> bool:
    """Return whether a relation of a document of an office program leads to anything but the web or a file nearby."""
    with ZipFile(io.BytesIO(path.read_bytes())) as archive:
        relations = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".rels")]
    return any(_is_false(target) for text in relations for target in re.findall(r'Target="([^"]*)"', text))
