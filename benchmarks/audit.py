"""How large an audit site of 2,000 rows is, how long it takes to make, and how soon it opens in a browser."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from taprev.settings import read_settings

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from samples.audit_sites import grown, site_of  # noqa: E402

ROWS, TIMES = (50, 1) if "--short" in sys.argv[1:] else (2000, 5)
OPENED = "performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"


def main() -> None:
    """Make the site of a made-up review, open each kind of page, and print the median of several times."""
    with tempfile.TemporaryDirectory() as temporary:
        example = Path(temporary)
        for part in ("config", "data"):
            shutil.copytree(ROOT / "tests" / "example" / part, example / part)
        grown(example, ROWS)
        settings = read_settings(example / "config" / "review.yaml")
        index = example / "audit" / "index.html"
        start = time.perf_counter()
        site_of(example / "data", settings, index, panels=False)
        print(f"{ROWS} rows in one domain: traced and written in {time.perf_counter() - start:.1f} s")
        size = sum(path.stat().st_size for path in index.parent.rglob("*") if path.is_file())
        print(f"size: {size / 1e6:.1f} MB in {sum(1 for _ in index.parent.rglob('*'))} files")
        (domain,) = settings.domains
        pages = (
            "index.html",
            f"pages/domain_{domain}.html",
            "pages/result_r00010.html",
            "pages/studies.html",
        )
        for name, seconds in opened(index.parent, pages).items():
            print(f"{name}: opens in {seconds:.2f} s")


def opened(folder: Path, pages: tuple[str, ...]) -> dict[str, float]:
    """Return the seconds until each page is loaded, the median of several times, each in a fresh browser context."""
    found = {}
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name in pages:
            times = []
            for _ in range(TIMES):
                context = browser.new_context()
                page = context.new_page()
                page.goto((folder / name).as_uri())
                times.append(page.evaluate(OPENED))
                context.close()
            found[name] = sorted(times)[TIMES // 2]
        browser.close()
    return found


if __name__ == "__main__":
    main()
