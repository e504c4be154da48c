/*
 * The page of a door: draws what door-desk.js knows, and takes what hands, hand scanners and the camera do. Forms that it
 * does not take over work as on any other page.
 */
(() => {
  "use strict";

  const { doorDesk: desk, doorAnswer: screen, doorCamera: camera } = window;
  if (!desk) return;

  const ROWS = 50;
  const LATEST = 6;
  const SAME_CODE_MILLISECONDS = 3000;
  const PAUSE_OF_A_SCANNER_MILLISECONDS = 1000;

  const { state, words, root, session, isShell, say, clock, isCode, isShortCode, checkIn, takeBack, cannot, beat } = desk;
  const $ = (id) => document.getElementById(id);
  const place = $("door");
  const looks = { show: "", rows: ROWS };

  // ---- The screen ----

  function renderAll() {
    renderNet();
    renderTroubles();
    if (!session) return;
    renderCounts();
    renderGuests();
    renderLatest();
  }

  function renderNet() {
    const waiting = state.queue.length;
    document.cookie = waiting ? "door_unsent=1; path=/; max-age=31536000; samesite=lax" : "door_unsent=; path=/; max-age=0; samesite=lax";
    const isBad = !state.isOnline;
    $("door-net").hidden = !isBad && !waiting;
    $("door-net").classList.toggle("is-bad", isBad);
    const lines = state.isSignedOut ? [words.signedOut, words.signIn] : isBad ? [say(words.noNetwork, clock(state.since)), session ? `${words.noNetworkMore} ${desk.listAge()}` : ""] : [words.sending, ""];
    put($("door-net-word"), lines[0]);
    put($("door-net-more"), lines[1]);
    put($("door-net-waiting"), waiting ? say(words.waiting, waiting) : "");
    const link = $("door-net-sign-in");
    link.hidden = !state.isSignedOut;
    link.search = new URLSearchParams({ next: location.pathname }).toString();
  }

  // Only what changed is written: screen readers read each change.
  function put(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function renderTroubles() {
    $("door-trouble").hidden = !state.troubles.length;
    $("door-trouble-list").replaceChildren(...state.troubles.map((row) => {
      const item = $("trouble-row").content.cloneNode(true).firstElementChild;
      item.querySelector("[data-name]").textContent = row.name;
      item.querySelector("[data-what]").textContent = [row.message, say(words.inSince, clock(row.at)), row.gate && say(words.gate, row.gate)].filter(Boolean).join(" · ");
      item.querySelector("[data-dismiss]").addEventListener("click", () => desk.dismiss(row));
      return item;
    }));
  }

  function renderCounts() {
    if (!state.counts) return;
    put($("count-arrived"), String(state.counts.arrived));
    put($("count-expected"), String(state.counts.expected));
    put($("count-walk-ins"), String(state.counts.walkIns + state.queue.filter((scan) => scan.last_name && scan.session === session).length));
    $("count-meter").max = state.counts.expected || 1;
    $("count-meter").value = state.counts.arrived;
  }

  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");

  // What the server found for the words that this page was opened with: it also knows codes of orders and names of buyers.
  const asked = $("find-text")?.defaultValue;
  const answered = new Set([...document.querySelectorAll("#guests [data-guest]")].map((item) => Number(item.dataset.guest)));

  function found() {
    const isAsked = asked && $("find-text").value === asked;
    const wanted = plain($("find-text").value).replaceAll(",", " ").split(/\s+/).filter(Boolean);
    return [...state.guests.values()].filter((guest) => {
      if (looks.show === "in" && !guest.entry) return false;
      if (looks.show === "missing" && (guest.entry || !["welcome", "unpaid"].includes(guest.state))) return false;
      if (isAsked && answered.has(guest.id)) return true;
      const parts = plain(`${guest.first} ${guest.last} ${guest.first.replaceAll("-", " ")} ${guest.last.replaceAll("-", " ")}`).split(/\s+/);
      return wanted.every((word) => parts.some((part) => part.startsWith(word)));
    });
  }

  // The list that was downloaded, once it is here and whole; until then the page keeps the server's.
  function renderGuests() {
    if (!state.door?.isComplete) return;
    const rows = found();
    const focused = document.activeElement?.closest?.("[data-guest]")?.dataset.guest;
    $("guests").replaceChildren(...rows.slice(0, looks.rows).map(guestRow));
    $("guests-none").hidden = rows.length > 0;
    $("guests-more").hidden = rows.length <= looks.rows;
    $("guests-pages")?.remove();
    if (focused) $("guests").querySelector(`[data-guest="${focused}"] button:not([hidden])`)?.focus();
    for (const tab of $("show-tabs").querySelectorAll("a")) {
      if (tab.dataset.show === looks.show) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
  }

  function guestRow(guest) {
    const item = $("guest-row").content.cloneNode(true).firstElementChild;
    const [check, undo] = [item.querySelector("[data-check]"), item.querySelector("[data-undo]")];
    const { entry } = guest;
    item.dataset.guest = guest.id;
    item.classList.toggle("is-in", Boolean(entry));
    item.classList.toggle("is-off", !entry && guest.state !== "welcome");
    item.querySelector("[data-first]").textContent = guest.first;
    item.querySelector("[data-last]").textContent = guest.last;
    item.querySelector("[data-sign]").hidden = !entry;
    const told = entry ? [say(words.inSince, clock(entry.at)), entry.gate, entry.isWaiting && words.waitsToBeSent] : [guest.state === "welcome" ? words.tapToLetIn : words.verdicts[guest.state].word];
    item.querySelector("[data-state]").textContent = told.filter(Boolean).join(" · ");
    item.querySelector("[data-whom]").textContent = `: ${guest.first} ${guest.last}`;
    undo.hidden = !entry;
    check.disabled = Boolean(entry);
    check.addEventListener("click", () => checkIn({ guest: guest.id }));
    undo.addEventListener("click", () => takeBack({ name: `${guest.first} ${guest.last}`, guest: guest.id, ...entry }));
    return item;
  }

  function renderLatest() {
    if (!state.door) return;
    const last = [...state.entries.values()].sort((one, other) => other.at.localeCompare(one.at)).slice(0, LATEST);
    if (!last.length && $("latest-none")) return;
    $("latest").replaceChildren(...last.map((entry) => {
      const item = $("entry-row").content.cloneNode(true).firstElementChild;
      item.querySelector("[data-name]").textContent = entry.name;
      item.querySelector("[data-whom]").textContent = `: ${entry.name}`;
      item.querySelector("[data-what]").textContent = [clock(entry.at), entry.gate, entry.by, !entry.guest && words.withoutTicket].filter(Boolean).join(" · ");
      item.querySelector("[data-undo]").addEventListener("click", () => takeBack(entry));
      return item;
    }));
  }

  // ---- Hands ----

  function onSubmit(id, deed) {
    $(id)?.addEventListener("submit", (event) => deed(event, event.target));
  }

  onSubmit("find-form", (event) => {
    const field = $("find-text");
    // Without a network only the list on this telephone can tell whether letters that are no name are a code.
    if (isCode(field.value) || (!state.isOnline && isShortCode(field.value) && !found().length)) {
      event.preventDefault();
      checkIn({ text: field.value.trim() });
      field.value = "";
      renderGuests();
    } else if (!state.isOnline || (state.door?.isComplete && found().length)) {
      event.preventDefault();
      field.blur();
    } // else the server looks: it also knows codes of orders and names of buyers
  });
  $("find-text")?.addEventListener("input", () => {
    looks.rows = ROWS;
    renderGuests();
    if (state.door?.isComplete) put($("guests-news"), say(words.found, found().length));
  });
  $("show-tabs")?.addEventListener("click", (event) => {
    const tab = event.target.closest("a");
    if (!tab || !state.door?.isComplete) return;
    event.preventDefault();
    looks.show = tab.dataset.show;
    looks.rows = ROWS;
    renderGuests();
  });
  $("guests-more")?.addEventListener("click", () => {
    looks.rows += ROWS;
    renderGuests();
  });
  onSubmit("gate-form", (event) => {
    event.preventDefault();
    desk.stand($("gate-field").value.trim());
    showGate();
    $("walk-in-gate").value = state.gate;
    $("door-gate").open = false;
  });
  onSubmit("walk-in-form", (event, form) => {
    event.preventDefault();
    const value = (name) => form.elements[name].value.trim();
    if (!value("first_name") || !value("last_name")) return;
    checkIn({ first_name: value("first_name"), last_name: value("last_name"), gate: value("gate") });
    form.elements.first_name.value = form.elements.last_name.value = "";
    $("walk-in").open = false;
  });

  // Forms that the server drew would lead to a page of bad news.
  $("desk")?.addEventListener("submit", (event) => {
    if (state.isOnline || event.defaultPrevented) return;
    event.preventDefault();
    cannot(words.needsNetwork);
  });

  function showGate() {
    $("gate-name").textContent = state.gate || $("gate-name").dataset.none;
  }

  // A hand scanner types fast and ends with Enter, wherever the focus is.
  let typed = "";
  let typedAt = 0;
  addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.timeStamp - typedAt > PAUSE_OF_A_SCANNER_MILLISECONDS) typed = "";
    typedAt = event.timeStamp;
    if (event.key.length === 1) typed += event.key;
    if (event.key === "Enter" && session && isCode(typed) && !screen.asks()) {
      event.preventDefault();
      checkIn({ text: typed });
      typed = "";
    }
  });

  let last = { text: "", at: 0 };

  function seen(text) {
    const now = Date.now();
    const isSame = text === last.text && now - last.at < SAME_CODE_MILLISECONDS;
    last = { text, at: now };
    if (!isSame && !screen.asks()) checkIn({ text });
  }

  function cameraFailed(name) {
    const told = { NotAllowedError: words.cameraDenied, NotFoundError: words.cameraNone };
    $("scan-trouble").querySelector("span").textContent = told[name] ?? words.cameraFailed;
    $("scan-trouble").hidden = false;
    scanning(false);
  }

  function scanning(isOn) {
    $("viewer").hidden = !isOn;
    $("scan-start").hidden = isOn;
    if (!isOn) {
      camera.stop();
      return;
    }
    $("scan-trouble").hidden = true;
    camera.start({ found: seen, failed: cameraFailed }).then(() => { $("scan-light").hidden = !camera.hasLight(); });
  }

  if (camera?.isThere && session) {
    $("door-scanner").hidden = false;
    $("scan-start").addEventListener("click", () => scanning(true));
    $("scan-stop").addEventListener("click", () => scanning(false));
    $("scan-light").addEventListener("click", ({ currentTarget: button }) => {
      const isOn = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(isOn));
      camera.light(isOn);
    });
    document.addEventListener("visibilitychange", () => {
      if (!$("viewer").hidden) document.hidden ? camera.stop() : scanning(true);
    });
  }

  // Signing out takes the lists off this telephone. What was not sent must not go with them unasked.
  onSubmit("door-out", (event, form) => {
    if (!state.queue.length && state.isOnline) return;
    event.preventDefault();
    $("door-menu").hidePopover();
    $("door-ask-text").textContent = [state.queue.length && say(words.unsent, state.queue.length), !state.isOnline && words.signOutNeedsNetwork].filter(Boolean).join(" ");
    $("door-ask-leave").hidden = !state.isOnline;
    $("door-ask").showModal();
    $("door-ask-leave").onclick = async () => {
      await desk.loseQueue();
      form.submit();
    };
  });
  $("door-ask-stay").addEventListener("click", () => $("door-ask").close());

  // ---- The beginning ----

  async function start() {
    state.gate = $("gate-field")?.value ?? "";
    await desk.open();
    if (session) {
      $("desk").hidden = false;
      if ($("gate-field").value !== state.gate) $("gate-field").value = $("walk-in-gate").value = state.gate;
      showGate();
    }
    if (isShell) await fillShell();
    renderAll();
    navigator.serviceWorker?.register(place.dataset.worker).catch(() => null);
    navigator.storage?.persist?.().catch(() => null);
    beat();
  }

  async function fillShell() {
    state.isOnline = false;
    state.since = new Date();
    $("kept-doors").hidden = Boolean(session);
    $("door-back").hidden = !session;
    if (session) {
      $("door-title").textContent = state.door?.title ?? "";
      $("door-when").textContent = state.door?.when ?? "";
      return;
    }
    const doors = (await window.doorStore.all("sessions")).sort((one, other) => one.opensAt.localeCompare(other.opensAt));
    $("kept-none").hidden = doors.length > 0;
    $("kept-list").replaceChildren(...doors.map((door) => {
      const item = $("kept-row").content.cloneNode(true).firstElementChild;
      item.querySelector("a").href = `${root}${door.id}/`;
      item.querySelector("[data-title]").textContent = door.title;
      item.querySelector("[data-when]").textContent = door.when;
      return item;
    }));
  }

  desk.draw = renderAll;
  desk.tell = (text) => put($("guests-news"), text);
  addEventListener("online", beat);
  addEventListener("offline", () => desk.lost(new window.doorNet.NoNetwork()));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });
  start();
})();
