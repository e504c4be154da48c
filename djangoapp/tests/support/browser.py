"""A real browser for journeys through the running shop.

``page`` is one visitor's tab; ``open_page`` opens more of them, on other devices or signed in. What a
page complains about (script errors, refused content, failed requests) fails the test by itself.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

RESULTS = Path(__file__).resolve().parents[3] / "test-results"
WAIT_MILLISECONDS = 10_000
NO_BROWSER = "no browser: install chromium, or run `playwright install chromium`"
SYSTEM_BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
LAUNCH_OPTIONS = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-component-update",
    "--no-first-run",
    # Names other than this machine's do not resolve: a page that calls out fails, here as on a train.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]


@dataclass(frozen=True)
class Device:
    """What a visitor holds in hand. ``javascript=False`` is a visitor whose scripts never arrived."""

    name: str
    width: int
    height: int
    has_touch: bool = False
    javascript: bool = True
    color_scheme: str = "light"

    def without_javascript(self) -> "Device":
        return replace(self, name=f"{self.name}-without-javascript", javascript=False)

    def dark(self) -> "Device":
        return replace(self, name=f"{self.name}-dark", color_scheme="dark")

    def __str__(self) -> str:
        return self.name

    def context_options(self) -> dict:
        return {
            "viewport": {"width": self.width, "height": self.height},
            "has_touch": self.has_touch,
            "is_mobile": self.has_touch,
            "java_script_enabled": self.javascript,
            "color_scheme": self.color_scheme,
            "reduced_motion": "reduce",
            "locale": "en-GB",
            "timezone_id": "Europe/Zurich",
        }


PHONE = Device("phone", 390, 844, has_touch=True)
DESKTOP = Device("desktop", 1280, 800)
EVERY_DEVICE = (PHONE, DESKTOP, PHONE.without_javascript(), DESKTOP.without_javascript())
# Small and large, with and without scripts, each once: enough where the page is not the heart of the shop.
TWO_DEVICES = (PHONE, DESKTOP.without_javascript())


def on_devices(*devices: Device) -> pytest.MarkDecorator:
    """Run a test that asks for ``page`` once on each device."""
    return pytest.mark.parametrize("page", devices, indirect=True, ids=str)


@dataclass
class PageProblems:
    """What the pages of a test complained about."""

    seen: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """Ask for a complaint, such as "status of 404". One that does not come fails the test, too."""
        self.expected.append(pattern)

    def watch(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.seen.append(f"{page.url}: {error}"))
        page.on("crash", lambda _: self.seen.append(f"{page.url}: the tab crashed"))

    def _on_console(self, message: ConsoleMessage) -> None:
        # Refused content (CSP), failed requests and answers of 400 and above arrive here as errors.
        if message.type == "error":
            self.seen.append(f"{message.location['url']}: {message.text}")

    def check(self) -> None:
        __tracebackhide__ = True
        unexpected = [
            problem
            for problem in self.seen
            if not any(re.search(pattern, problem) for pattern in self.expected)
        ]
        assert not unexpected, "The page complained:\n" + "\n".join(unexpected)
        missing = [
            pattern
            for pattern in self.expected
            if not any(re.search(pattern, problem) for problem in self.seen)
        ]
        assert not missing, f"Expected complaints did not come: {missing}"


@pytest.fixture
def page_problems() -> PageProblems:
    """The complaints of this test's pages; ``page_problems.expect("status of 404")`` allows one."""
    return PageProblems()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    __tracebackhide__ = True
    problems = pyfuncitem.funcargs.get("page_problems")
    try:
        result = yield
    except Exception as failure:
        if problems and problems.seen:
            failure.add_note("Before that, the page complained:\n" + "\n".join(problems.seen))
        raise
    # Within the test and not at its teardown: a page that complains is a failure, not an error.
    if problems:
        problems.check()
    return result


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Playwright]:
    with pytest.MonkeyPatch.context() as patch:
        # Playwright's synchronous interface runs an event loop in this thread. Django takes its
        # presence for asynchronous code and would refuse every query of the test.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            expect.set_options(timeout=WAIT_MILLISECONDS)
            yield playwright


def browser_path(playwright: Playwright) -> str | None:
    """The system's browser, else Playwright's own; none where neither is installed."""
    for name in SYSTEM_BROWSERS:
        if path := shutil.which(name):
            return path
    own = playwright.chromium.executable_path
    return own if os.path.exists(own) else None


@pytest.fixture(scope="session")
def browser(_playwright: Playwright) -> Iterator[Browser]:
    """One browser for the run; each tab has its own cookies."""
    path = browser_path(_playwright)
    if path is None:
        pytest.skip(NO_BROWSER)
    # Playwright leaves Chromium's sandbox off, without which it would not start as root. Only
    # our own pages are opened.
    browser = _playwright.chromium.launch(executable_path=path, args=LAUNCH_OPTIONS)
    yield browser
    browser.close()


@pytest.fixture
def launch(_playwright: Playwright, browser: Browser) -> Iterator[Callable[..., Browser]]:
    """Start another browser of the same kind, with options that hold for the whole of it."""
    started: list[Browser] = []

    def start(*options: str) -> Browser:
        path = browser_path(_playwright)
        started.append(_playwright.chromium.launch(executable_path=path, args=[*LAUNCH_OPTIONS, *options]))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def media_on_disk(settings, tmp_path: Path) -> Path:
    """Keep uploaded files in a folder of this test's own, from which the live shop serves them."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    }
    return settings.MEDIA_ROOT


@dataclass(frozen=True)
class LiveShop:
    """The shop, answering on ``url`` in threads of this process."""

    url: str


@pytest.fixture
def live_shop(live_server, transactional_db, media_on_disk, settings) -> LiveShop:
    """The running shop with its style sheets, scripts and pictures. Every table is emptied afterwards."""
    settings.SITE_URL = live_server.url
    return LiveShop(live_server.url)


@pytest.fixture
def open_page(
    browser: Browser,
    live_shop: LiveShop,
    page_problems: PageProblems,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Page]]:
    """Open a visitor's tab: ``open_page(PHONE, user=member)``. Addresses begin at the shop's root.

    ``within`` is a browser of ``launch``, where the usual one will not do.
    """
    contexts: list[BrowserContext] = []

    def open_tab(
        device: Device = DESKTOP, *, user=None, within: Browser | None = None, **context_options
    ) -> Page:
        options = device.context_options() | context_options
        context = (within or browser).new_context(base_url=live_shop.url, **options)
        contexts.append(context)
        context.set_default_timeout(WAIT_MILLISECONDS)
        context.on("page", page_problems.watch)
        if user is not None:
            sign_in(context, user, live_shop.url)
        return context.new_page()

    yield open_tab

    tabs = [tab for context in contexts for tab in context.pages]
    if getattr(request.node, "call_failed", False):
        for number, tab in enumerate(tabs, start=1):
            keep_evidence(tab, f"{request.node.name}-{number}")
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Page], request: pytest.FixtureRequest) -> Page:
    """One visitor's tab, on a desktop or on the devices of ``@on_devices(PHONE, DESKTOP)``."""
    return open_page(getattr(request, "param", DESKTOP))


def sign_in(context: BrowserContext, user, url: str) -> None:
    """Give the visitor a signed-in user's cookie, without walking through the form.

    The password counts as given a moment ago, so no page asks for it again.
    """
    # Not at the top: this plugin is loaded before Django's settings are.
    from allauth.account.internal.flows.login import record_authentication
    from django.conf import settings
    from django.http import HttpRequest
    from django.test import Client

    client = Client()
    client.force_login(user)
    request = HttpRequest()
    request.user, request.session = user, client.session
    record_authentication(request, user, method="password", reauthenticated=True)
    request.session.save()
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])


def keep_evidence(tab: Page, name: str) -> None:
    """Leave the picture and the source of a page on which a test failed in ``test-results/``."""
    RESULTS.mkdir(exist_ok=True)
    stem = RESULTS / re.sub(r"[^\w.-]+", "-", name)
    tab.screenshot(path=stem.with_suffix(".png"), full_page=True)
    stem.with_suffix(".html").write_text(tab.content())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.call_failed = report.failed
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line which journeys did not run for want of a browser."""
    journeys = sorted(
        {
            report.nodeid.split("[")[0]
            for report in terminalreporter.stats.get("skipped", [])
            if NO_BROWSER in str(report.longrepr)
        }
    )
    if journeys:
        terminalreporter.line(f"Not run, {NO_BROWSER}: {', '.join(journeys)}", yellow=True)
