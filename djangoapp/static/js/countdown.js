/*
 * Counts down how long places are held.
 *
 * Every <time data-hold-until="2026-11-20T14:32:00+01:00"> shows the minutes and seconds that are left. Without this
 * script it keeps the hour that the server wrote; words that fit only the hour carry their other form in
 * data-hold-words ("held until" becomes "held for", and "minutes" follow). The region #hold-news says aloud when 10, 5, 2 and 1 minutes are
 * left; from 2 minutes on the figures are marked; at the end a [data-hold] part swaps [data-hold-running] for
 * [data-hold-over]. All of it is looked up anew each second, so parts that htmx puts in need no start.
 */
(() => {
  "use strict";

  const TELL_AT_MINUTES = [10, 5, 2, 1];
  const SHORT_SECONDS = 120;

  // The clock of a visitor may be wrong by hours; the page says when the server wrote it. A page taken
  // from the browser's own store is older than that, so there only the visitor's clock can be trusted.
  const meta = document.querySelector('meta[name="server-time"]');
  const visit = performance.getEntriesByType("navigation")[0];
  const isFresh = visit && visit.type !== "back_forward" && visit.transferSize > 0;
  const written = meta ? Date.parse(meta.content) : NaN;
  const arrived = Date.now() - performance.now() + (visit ? visit.responseStart : 0);
  const drift = isFresh && written && Math.abs(written - arrived) > 30000 ? written - arrived : 0;

  let told = { deadline: "", seconds: Infinity };

  function figures(seconds) {
    const pad = (value) => String(value).padStart(2, "0");
    const minutes = Math.floor(seconds / 60);
    return `${minutes}:${pad(seconds % 60)}`;
  }

  function tell(deadline, seconds) {
    const news = document.getElementById("hold-news");
    if (!news) return;
    if (told.deadline !== deadline) {
      told = { deadline, seconds };
      news.textContent = "";
      return;
    }
    const minutes = TELL_AT_MINUTES.find((at) => told.seconds > at * 60 && seconds <= at * 60);
    if (seconds === 0 && told.seconds > 0) news.textContent = news.dataset.over;
    else if (minutes === 1) news.textContent = news.dataset.minute;
    else if (minutes) news.textContent = news.dataset.minutes.replace("%s", minutes);
    told.seconds = seconds;
  }

  function tick() {
    const now = Date.now() + drift;
    let first = null;
    for (const words of document.querySelectorAll("[data-hold-words]")) {
      words.textContent = words.dataset.holdWords;
      words.removeAttribute("data-hold-words");
    }
    for (const time of document.querySelectorAll("time[data-hold-until]")) {
      const left = Math.max(0, Math.ceil((Date.parse(time.dataset.holdUntil) - now) / 1000));
      if (Number.isNaN(left)) continue;
      const text = figures(left);
      if (time.textContent !== text) time.textContent = text;
      time.classList.toggle("is-short", left <= SHORT_SECONDS);
      const part = time.closest("[data-hold]");
      if (part) {
        part.classList.toggle("is-short", left <= SHORT_SECONDS);
        for (const running of part.querySelectorAll("[data-hold-running]")) running.hidden = left === 0;
        for (const over of part.querySelectorAll("[data-hold-over]")) over.hidden = left > 0;
      }
      if (first === null || left < first.left) first = { left, deadline: time.dataset.holdUntil };
    }
    if (first) tell(first.deadline, first.left);
  }

  tick();
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick);
  document.addEventListener("htmx:afterSettle", tick);
})();
