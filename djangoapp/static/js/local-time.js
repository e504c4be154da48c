/*
 * Says a session's time on the visitor's own clock, where that differs from the session's.
 *
 * <time datetime="2026-12-02T18:30:00+01:00" data-zone="Europe/Zurich" data-until="…">: where the visitor's wall clock
 * shows something else at that instant, a line such as "12:30 – 14:00 your time" follows the element (and the name of
 * its zone, where a .zone stands behind it). The words come from data-your-time of <html>, with %s for the hours.
 */
(() => {
  "use strict";

  const words = document.documentElement.dataset.yourTime || "%s";
  const language = document.documentElement.lang || undefined;
  const clock = { hour: "2-digit", minute: "2-digit", hour12: false };

  function wall(instant, timeZone) {
    return instant.toLocaleString("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone });
  }

  function add(time) {
    time.dataset.told = "";
    const begin = new Date(time.dateTime);
    let there;
    try {
      there = wall(begin, time.dataset.zone);
    } catch {
      return; // a zone this browser does not know: the session's own time stands alone
    }
    const here = wall(begin);
    if (here === there) return;
    let text = begin.toLocaleTimeString(language, clock);
    if (time.dataset.until) text += ` – ${new Date(time.dataset.until).toLocaleTimeString(language, clock)}`;
    if (here.slice(0, 10) !== there.slice(0, 10)) {
      text = `${begin.toLocaleDateString(language, { weekday: "short", day: "numeric", month: "short" })}, ${text}`;
    }
    const line = document.createElement("span");
    line.className = "local-time";
    line.textContent = words.replace("%s", text);
    const zone = time.nextElementSibling;
    (zone && zone.matches(".zone") ? zone : time).after(line);
  }

  function all() {
    document.querySelectorAll("time[data-zone]:not([data-told])").forEach(add);
  }

  all();
  document.addEventListener("htmx:afterSettle", all);
})();
