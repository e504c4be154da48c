"""The home page in a real browser: what comes over the wire, what moves, and when the largest part is there."""

import sys
from dataclasses import dataclass
from statistics import median

from installation import ROOT

sys.path.insert(0, str(ROOT / "djangoapp"))

from playwright.sync_api import sync_playwright

from tests.support.browser import browser_path

SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
# A slow telephone network and a processor a quarter as fast, as Lighthouse's "mobile" has them.
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
SLOWER_PROCESSOR = 4
WATCH = """
window.shifted = 0;
window.largest = null;
new PerformanceObserver(list => list.getEntries().forEach(entry => {
  if (!entry.hadRecentInput) window.shifted += entry.value;
})).observe({type: 'layout-shift', buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(entry => {
  window.largest = entry.startTime;
})).observe({type: 'largest-contentful-paint', buffered: true});
"""


@dataclass(frozen=True)
class Visit:
    """A first visit: bytes over the wire, those of the page alone, and the seconds to the largest paint."""

    bytes: int
    document: int
    requests: int
    shift: float
    largest: float
    failed: int


def visits(address: str, rounds: int) -> dict[str, Visit] | None:
    """Open the home page with nothing cached, and give the median visit at each size; ``None`` without a browser."""
    with sync_playwright() as playwright:
        path = browser_path(playwright)
        if path is None:
            return None
        browser = playwright.chromium.launch(executable_path=path)
        try:
            return {
                name: _middle([_visit(browser, address, size) for _ in range(rounds)])
                for name, size in SIZES.items()
            }
        finally:
            browser.close()


def _visit(browser, address: str, size: tuple[int, int]) -> Visit:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", SLOW)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    received, kinds, failed = {}, {}, []
    devtools.on("Network.responseReceived", lambda told: kinds.update({told["requestId"]: told["type"]}))
    devtools.on(
        "Network.loadingFinished",
        lambda told: received.update({told["requestId"]: told["encodedDataLength"]}),
    )
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    page.add_init_script(WATCH)
    page.goto(address + "/", wait_until="networkidle")
    page.wait_for_function("window.largest !== null")
    shift, largest = page.evaluate("[window.shifted, window.largest]")
    context.close()
    document = sum(size for key, size in received.items() if kinds.get(key) == "Document")
    return Visit(
        int(sum(received.values())), int(document), len(received), shift, largest / 1000, len(failed)
    )


def _middle(seen: list[Visit]) -> Visit:
    return Visit(*(median(values) for values in zip(*(vars(visit).values() for visit in seen), strict=True)))
