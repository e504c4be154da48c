"""What is asked of every page, whatever it shows."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route

# What a thumb needs, and what a mouse does (WCAG 2.5.5 and 2.5.8).
SMALLEST_TARGET_PIXELS = {"thumb": 44, "mouse": 24}

# What passes is not described: that takes longer than looking.
AXE = {"resultTypes": ["violations"]}

# Links inside a sentence are exempt: they are as high as their line. What looks small may have a
# larger surface (the label of a check box, a link that covers its card), so surfaces are felt for.
_SMALL_TARGETS = """
(smallest) => {
  const inSentence = (element) => {
    if (getComputedStyle(element).display !== "inline") return false;
    const around = element.parentElement.textContent.trim();
    return around.length > element.textContent.trim().length;
  };
  const isDrawn = (element) => {
    const box = element.getBoundingClientRect();
    return element.checkVisibility({visibilityProperty: true, opacityProperty: true})
      && box.width > 1 && box.height > 1 && box.right > 0 && box.bottom + scrollY > 0;
  };
  const surface = (element) => {
    element.scrollIntoView({block: "center", behavior: "instant"});
    const box = element.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const hits = (atX, atY) => {
      const hit = document.elementFromPoint(atX, atY);
      return hit !== null && (element.contains(hit) || hit.closest("label")?.control === element);
    };
    const reach = (stepX, stepY) => {
      let pixels = 0;
      while (pixels < smallest && hits(x + stepX * pixels, y + stepY * pixels)) pixels += 1;
      return pixels;
    };
    return [reach(1, 0) + reach(-1, 0), reach(0, 1) + reach(0, -1)];
  };
  const isSmall = ([width, height]) => width < smallest - 1 || height < smallest - 1;
  const targets = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const small = [];
  for (const element of document.querySelectorAll(targets)) {
    const box = element.getBoundingClientRect();
    if (!isSmall([box.width, box.height]) || !isDrawn(element) || inSentence(element)) continue;
    const felt = surface(element);
    if (isSmall(felt)) small.push(`${element.outerHTML.slice(0, 120)} (${felt.join(" × ")})`);
  }
  scrollTo(0, 0);
  return small;
}
"""


def assert_accessible(page: Page, *, context: str | None = None) -> None:
    """Let axe look at the page, or at the part that the CSS selector ``context`` names."""
    page.wait_for_load_state()  # whoever pressed a link a moment ago is on an empty page yet
    if page.evaluate("matchMedia('(scripting: none)').matches"):
        results = _look_at_a_copy(page, context)
    else:
        results = Axe().run(page, context=context, options=AXE)
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
        return Axe().run(twin, context=context, options=AXE)


def assert_fits(page: Page) -> None:
    """The page does not scroll sideways, and what can be pressed can be hit: by a thumb, or by a mouse."""
    width = page.evaluate("document.documentElement.scrollWidth")
    room = page.viewport_size["width"]
    assert width <= room, f"{page.url} is {width} pixels wide on a screen of {room}."
    pointer = "thumb" if page.evaluate("matchMedia('(pointer: coarse)').matches") else "mouse"
    small = page.evaluate(_SMALL_TARGETS, SMALLEST_TARGET_PIXELS[pointer])
    assert not small, f"{page.url} has targets too small for a {pointer}:\n" + "\n".join(small)


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
