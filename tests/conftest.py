"""What all tests share: shapes are checked as they run, slow machines are no failure, and pages are watched."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from jaxtyping import config, install_import_hook

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Before torch is imported: tests run side by side, and threads that wait for each other take ten times as long.
os.environ["OMP_NUM_THREADS"] = "1"

# Before any test module imports them. Only tests pay for the checks. Where JAXTYPING_DISABLE is set there are none:
# torch's compiler cannot read functions that are wrapped in them.
if not config.jaxtyping_disable:
    install_import_hook(["xmem", "benchmarks", "evaluators", "reports"], "beartype.beartype")

hypothesis.settings.register_profile("project", deadline=None, derandomize=True)
hypothesis.settings.load_profile("project")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder that holds real DAVIS frames; tests that use it carry the marker `data`."""
    root = Path(os.environ.get("DAVIS_ROOT", ROOT.parent / "shared" / "data"))
    if not (root / "DAVIS").is_dir():
        pytest.skip(f"no DAVIS below {root}; set DAVIS_ROOT")
    return root


@pytest.fixture
def without_shape_checks() -> Iterator[None]:
    """For tests of our own error messages, which the shape checks would pre-empt."""
    before = config.jaxtyping_disable
    config.update("jaxtyping_disable", True)
    yield
    config.update("jaxtyping_disable", before)


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Headless Chromium; tests that use it carry the marker `browser`."""
    from playwright.sync_api import sync_playwright

    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if executable is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no chromium found; name one with CHROMIUM=")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: "Browser") -> "Iterator[Callable[..., Page]]":
    """Open a file; the test fails if its page logs, throws, or asks for anything outside itself."""
    contexts, heard = [], []

    def hear_request(url: str) -> None:
        if not url.startswith(("file:", "data:", "blob:")):
            heard.append(f"request {url}")

    def open_page(path: Path, **settings: Any) -> "Page":
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: heard.append(f"{message.type} {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error {error}"))
        page.on("dialog", lambda dialog: (heard.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: hear_request(request.url))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert heard == []
