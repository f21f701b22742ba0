"""Screenshots of a page for the README: `python tests/reports/page/screenshots.py report.html docs`."""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

SIZE = {"width": 1200, "height": 1180}


def take(browser: Browser, page_file: Path, *, scheme: str, mode: str) -> bytes:
    """The top of the page, once its first picture is painted, as a JPEG."""
    page = browser.new_page(viewport=SIZE, color_scheme=scheme)
    page.goto(page_file.resolve().as_uri())
    page.locator(f"input[value={mode}]").check(force=True)
    page.wait_for_function("mode => document.getElementById('canvas').dataset.painted?.includes(mode)", arg=mode)
    content = io.BytesIO()
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(content, "JPEG", quality=85, optimize=True)
    return content.getvalue()


def main() -> None:
    page_file, folder = map(Path, sys.argv[1:])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for scheme, mode in (("light", "prediction"), ("dark", "difference")):
            (folder / f"report-{scheme}.jpg").write_bytes(take(browser, page_file, scheme=scheme, mode=mode))
        browser.close()


if __name__ == "__main__":
    main()
