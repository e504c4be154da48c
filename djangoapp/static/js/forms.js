/*
 * Small help for forms: a button that was pressed says that it works, a form is not sent twice, and an answer that
 * never came or failed is said in #page-trouble instead of nothing happening. Leaving a page on which something was
 * typed into a form with data-keeps asks first. Forms work without any of it.
 */
(() => {
  "use strict";

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.target) return;
    if (event.submitter?.formTarget) return; // opens elsewhere; this page stays as it is
    if ("sent" in form.dataset) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  });

  // Coming back with the browser's button shows the page as it was left: ready to be sent again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
    }
  });

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-keeps]");
    if (form) form.dataset.typed = "";
  });

  addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-keeps][data-typed]:not([data-sent])")) event.preventDefault();
  });

  function trouble(isShown) {
    const notice = document.getElementById("page-trouble");
    if (notice) notice.hidden = !isShown;
  }

  document.addEventListener("htmx:beforeRequest", () => trouble(false));
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      // A part that only asks for news by itself may fail quietly: it asks again.
      if (!event.detail.elt.closest("[data-polls]")) trouble(true);
    });
  }
})();
