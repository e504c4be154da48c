"""What is asked of every page, whatever it shows."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route

SMALLEST_TARGET_PIXELS = 44

# Links inside a sentence are exempt (WCAG 2.5.8): they are as high as their line. A check box is
# as large as the label that it stands in.
_SMALL_TARGETS = """
(smallest) => {
  const inSentence = (element) => {
    if (getComputedStyle(element).display !== "inline") return false;
    const around = element.parentElement.textContent.trim();
    return around.length > element.textContent.trim().length;
  };
  const candidates = document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary");
  const small = [];
  for (const element of candidates) {
    const target = element.closest("label") ?? element;
    const box = target.getBoundingClientRect();
    const labels = [...(element.labels ?? [])].map((label) => label.getBoundingClientRect());
    const height = Math.max(box.height, ...labels.map((label) => label.height));
    const width = Math.max(box.width, ...labels.map((label) => label.width));
    const style = getComputedStyle(element);
    // Off the page until it has the focus (skip links), or not drawn at all.
    const hidden = !element.checkVisibility({visibilityProperty: true, opacityProperty: true})
      || box.right <= 0 || box.bottom + scrollY <= 0 || style.clipPath === "inset(50%)"
      || (box.width <= 1 && box.height <= 1);
    if (hidden || inSentence(element)) continue;
    if (height < smallest - 0.5 || width < smallest - 0.5)
      small.push(`${element.outerHTML.slice(0, 120)} (${Math.round(width)} × ${Math.round(height)})`);
  }
  return small;
}
"""


def assert_accessible(page: Page, *, context: str | None = None) -> None:
    """Let axe look at the page, or at the part that the CSS selector ``context`` names."""
    if page.evaluate("matchMedia('(scripting: none)').matches"):
        results = _look_at_a_copy(page, context)
    else:
        results = Axe().run(page, context=context)
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"


def _look_at_a_copy(page: Page, context: str | None):
    """Axe is a script. Where scripts are off, draw the same page again where only axe's may run."""
    shown = page.content().replace("<noscript>", "").replace("</noscript>", "")
    options = {"viewport": page.viewport_size, "reduced_motion": "reduce"}
    if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"):
        options["color_scheme"] = "dark"
    with page.context.browser.new_context(**options) as twin_context:
        twin = twin_context.new_page()

        def answer(route: Route) -> None:
            if route.request.is_navigation_request():
                route.fulfill(body=shown, content_type="text/html; charset=utf-8")
            elif route.request.resource_type == "script":
                route.abort()
            else:
                route.continue_()

        twin.route("**/*", answer)
        twin.goto(page.url)
        return Axe().run(twin, context=context)


def assert_fits(page: Page) -> None:
    """The page does not scroll sideways, and a thumb can hit everything that can be pressed."""
    width = page.evaluate("document.documentElement.scrollWidth")
    room = page.viewport_size["width"]
    assert width <= room, f"{page.url} is {width} pixels wide on a screen of {room}."
    small = page.evaluate(_SMALL_TARGETS, SMALLEST_TARGET_PIXELS)
    assert not small, f"{page.url} has targets too small for a thumb:\n" + "\n".join(small)


def layout_shift(page: Page) -> float:
    """How far things jumped since the page was opened, as a browser counts it (CLS)."""
    return page.evaluate(
        """() => new Promise((resolve) => {
          let total = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) if (!entry.hadRecentInput) total += entry.value;
          }).observe({type: "layout-shift", buffered: true});
          setTimeout(() => resolve(total), 100);
        })"""
    )
