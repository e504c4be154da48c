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
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short" });

  // Making a formatter takes longer than using it a hundred times, so each zone keeps its own.
  const walls = new Map();

  /* What the clocks on the walls of a zone show; nothing for a zone that this browser does not know. */
  function wall(instant, timeZone) {
    if (!walls.has(timeZone)) {
      let format = null;
      try {
        format = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone });
      } catch {
        // An unknown zone: the session's own time stands alone.
      }
      walls.set(timeZone, format);
    }
    const format = walls.get(timeZone);
    return format ? format.format(instant) : "";
  }

  function add(time) {
    time.dataset.told = "";
    if (time.dataset.zone === here) return;
    const begin = new Date(time.dateTime);
    const there = wall(begin, time.dataset.zone);
    const mine = wall(begin, here);
    if (!there || mine === there) return;
    const zone = time.nextElementSibling;
    const last = zone && zone.matches(".zone") ? zone : time;
    // The page tells it already, on the clock that the visitor's account names.
    if (last.nextElementSibling && last.nextElementSibling.matches(".local-time")) return;
    let text = clock.format(begin);
    if (time.dataset.until) text += ` – ${clock.format(new Date(time.dataset.until))}`;
    if (mine.slice(0, 10) !== there.slice(0, 10)) text = `${day.format(begin)}, ${text}`;
    const line = document.createElement("span");
    line.className = "local-time";
    line.textContent = words.replace("%s", text);
    last.after(line);
  }

  function all() {
    document.querySelectorAll("time[data-zone]:not([data-told])").forEach(add);
  }

  all();
  document.addEventListener("htmx:afterSettle", all);
})();
