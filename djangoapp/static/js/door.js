/*
 * The page of a door: scanning, searching, letting in and taking back, with the network and without.
 *
 * With the network the server answers. Without it the list that was downloaded does: its answers are marked, what they let
 * in is noted with its own time, and sent as soon as the network is back; what the server then sees otherwise stays on the
 * screen until somebody dismisses it. Forms that this script does not take over work as on any other page.
 */
(() => {
  "use strict";

  const place = document.getElementById("door");
  const { doorStore: store, doorAnswer: screen, doorCamera: camera, doorNet: net } = window;
  if (!place || !net) return;

  const words = JSON.parse(document.getElementById("door-words").textContent);
  const $ = (id) => document.getElementById(id);
  const root = place.dataset.root;
  const inPath = location.pathname.slice(root.length).match(/^(\d+)\/$/);
  const session = Number(place.dataset.session ?? inPath?.[1]) || null;
  const isShell = !place.dataset.user;

  const CODE_LETTERS = 26;
  const ROWS = 50;
  const LATEST = 6;
  const LIST_MILLISECONDS = 120_000;
  const SAME_CODE_MILLISECONDS = 3000;

  const state = {
    door: null, // the session as it is kept: title, times, mark, version
    guests: new Map(),
    entries: new Map(), // of the last arrivals
    queue: [],
    troubles: [],
    counts: null,
    gate: $("gate-field")?.value ?? "",
    isOnline: true,
    isSignedOut: false,
    since: null,
    listAt: 0,
    show: "",
    rows: ROWS,
  };
  const say = (text, value) => text.replace("%s", () => value);
  const clock = (at) => new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: state.door?.zone }).format(new Date(at));

  // ---- What was scanned ----

  function codeOf(text) {
    let rest = text.trim();
    try {
      rest = new URL(rest).pathname;
    } catch {
      // Not an address: the code itself.
    }
    return rest.replace(/\/+$/, "").split("/").pop().replace(/[-\s]/g, "").toUpperCase();
  }

  const isCode = (text) => /^https?:\/\//i.test(text.trim()) || codeOf(text).length === CODE_LETTERS;

  async function hashOf(code) {
    const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code));
    return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function newNonce() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // ---- Letting in ----

  const busy = new Set();

  async function checkIn(what) {
    const key = JSON.stringify(what);
    if (busy.has(key)) return;
    busy.add(key);
    const scan = { nonce: newNonce(), session, gate: state.gate, at: new Date().toISOString(), ...what };
    try {
      if (state.isOnline) {
        try {
          const answer = await net.ask(pathOf(scan), fieldsOf(scan));
          take(answer);
          screen.show(answer, answer.verdict === "welcome" ? { undo: () => takeBack(answer.entry) } : {});
          return;
        } catch (error) {
          if (error instanceof net.Refused) {
            screen.show({ verdict: "unknown", tone: "stop", word: words.notDone, message: error.message });
            return;
          }
          lost(error);
        }
      }
      await answerAlone(scan);
    } finally {
      busy.delete(key);
    }
  }

  const pathOf = (scan) => `${scan.session}/${scan.last_name ? "walk-in" : "scan"}/`;

  function fieldsOf(scan, isLate = false) {
    const names = ["nonce", "gate", "guest", "text", "first_name", "last_name", ...(isLate ? ["at"] : [])];
    return Object.fromEntries(names.filter((name) => scan[name] !== undefined).map((name) => [name, scan[name]]));
  }

  // Without the network: what the kept list says, marked as such.
  async function answerAlone(scan) {
    if (scan.last_name) {
      await note(scan);
      screen.show({ ...verdict("welcome"), name: `${scan.first_name} ${scan.last_name}`, message: words.withoutTicket, offline: words.noted });
      return;
    }
    const hash = scan.guest || !crypto.subtle ? "" : await hashOf(codeOf(scan.text));
    const guest = scan.guest ? state.guests.get(scan.guest) : [...state.guests.values()].find((one) => hash && one.hash === hash);
    if (!guest) {
      const question = { ...verdict("unknown"), word: words.notOnList, message: `${words.notOnListMore} ${listAge()}`, offline: words.byList };
      screen.show(question, { letIn: () => note(scan) });
      return;
    }
    const name = `${guest.first} ${guest.last}`;
    if (guest.entry) {
      const told = [say(words.inSince, clock(guest.entry.at)), guest.entry.gate && say(words.gate, guest.entry.gate), guest.entry.by && say(words.letInBy, guest.entry.by)];
      screen.show({ ...verdict("already_in"), name, message: told.filter(Boolean).join(", "), offline: words.byList });
    } else if (guest.state !== "welcome") {
      screen.show({ ...verdict(guest.state), name, offline: words.byList });
    } else if (state.door?.opensAt && new Date(scan.at) < new Date(state.door.opensAt)) {
      screen.show({ ...verdict("too_early"), name, message: say(words.doorsOpen, clock(state.door.opensAt)), offline: words.byList });
    } else {
      delete scan.text;
      await note({ ...scan, guest: guest.id, name });
      const entry = { nonce: scan.nonce, guest: guest.id, name, at: scan.at, gate: scan.gate, by: words.thisTelephone };
      screen.show({ ...verdict("welcome"), name, message: scan.gate && say(words.gate, scan.gate), offline: words.noted }, { undo: () => takeBack(entry) });
    }
  }

  const verdict = (name) => ({ verdict: name, ...words.verdicts[name] });
  const listAge = () => (state.door ? say(words.listFrom, clock(state.door.from)) : words.noList);

  async function note(scan) {
    state.queue.push(scan);
    await store.put("queue", scan);
    mark(scan);
    renderAll();
  }

  // A guest let in by this telephone counts as in, before the server knows.
  function mark(scan) {
    const guest = state.guests.get(scan.guest);
    if (!guest || guest.entry) return;
    guest.entry = { nonce: scan.nonce, at: scan.at, gate: scan.gate, by: words.thisTelephone, isWaiting: true };
    if (state.counts) state.counts.arrived += 1;
  }

  async function takeBack(entry) {
    if (!entry.id) {
      const guest = state.guests.get(entry.guest);
      state.queue = state.queue.filter((scan) => scan.nonce !== entry.nonce);
      await store.drop("queue", entry.nonce);
      if (guest?.entry?.nonce === entry.nonce) {
        guest.entry = null;
        if (state.counts) state.counts.arrived -= 1;
      }
    } else {
      try {
        take(await net.ask(`entries/${entry.id}/undo/`, { nonce: newNonce() }));
      } catch (error) {
        if (!(error instanceof net.Refused)) lost(error);
        screen.show({ verdict: "unknown", tone: "stop", word: words.notDone, message: words.undoNeedsNetwork });
        return;
      }
    }
    $("guests-news").textContent = say(words.takenBack, entry.name);
    renderAll();
  }

  // ---- News ----

  function take(answer) {
    if (answer.entry) takeEntry({ ...answer.entry, guest: answer.entry.guest ?? answer.guest });
    if (answer.counts) takeCounts(answer.counts);
    renderAll();
  }

  function takeCounts(counts) {
    state.counts = { ...counts };
    for (const guest of state.guests.values()) if (guest.entry?.isWaiting) state.counts.arrived += 1;
  }

  function takeEntry(entry) {
    const guest = state.guests.get(entry.guest);
    if (guest) {
      if (entry.counts) guest.entry = entry;
      else if (guest.entry?.id === entry.id || (guest.entry?.isWaiting && entry.isConflict)) guest.entry = null;
      store.put("guests", { session, ...guest });
    }
    if (entry.isUndone) state.entries.delete(entry.id);
    else state.entries.set(entry.id, entry);
  }

  async function loadList() {
    const data = await net.ask(`${session}/list.json`);
    state.door = { ...data.session, mark: data.mark, version: data.version, isComplete: data.isComplete, from: Date.now() };
    state.guests = new Map(data.guests.map((guest) => [guest.id, guest]));
    state.entries = new Map(data.latest.map((entry) => [entry.id, entry]));
    state.listAt = Date.now();
    takeCounts(data.counts);
    for (const scan of state.queue) mark(scan);
    await store.keepList(state.door, data.guests.map((guest) => ({ session, ...guest })));
  }

  async function refresh() {
    if (!session) return;
    if (Date.now() - state.listAt > LIST_MILLISECONDS) await loadList();
    for (let hasMore = true; hasMore; ) {
      const data = await net.ask(`${session}/news.json?since=${encodeURIComponent(state.door.mark)}`);
      data.entries.forEach(takeEntry);
      takeCounts(data.counts);
      state.door.mark = data.mark;
      hasMore = data.hasMore;
      if (data.version !== state.door.version) await loadList();
    }
    await store.put("sessions", state.door);
  }

  // Send what was noted, the oldest first. What the server sees otherwise becomes a trouble.
  async function flush() {
    for (const scan of [...state.queue].sort((one, other) => one.at.localeCompare(other.at))) {
      let answer = null;
      try {
        answer = await net.ask(pathOf(scan), fieldsOf(scan, true));
      } catch (error) {
        if (!(error instanceof net.Refused)) throw error;
        await trouble(scan, error.message || words.notDone);
      }
      if (answer && answer.verdict !== "welcome") await trouble(scan, `${answer.word}. ${answer.message}`, answer);
      state.queue = state.queue.filter((one) => one !== scan);
      await store.drop("queue", scan.nonce);
      const guest = state.guests.get(scan.guest);
      if (guest?.entry?.nonce === scan.nonce) guest.entry = null;
      if (answer && scan.session === session) take(answer);
    }
  }

  async function trouble(scan, message, answer = null) {
    const name = answer?.name || scan.name || [scan.first_name, scan.last_name].filter(Boolean).join(" ") || codeOf(scan.text ?? "").slice(0, 8);
    const row = { nonce: scan.nonce, name, message, at: scan.at, gate: scan.gate, entry: answer?.recorded ?? null };
    state.troubles.push(row);
    await store.put("troubles", row);
  }

  function lost(error) {
    state.isSignedOut = error instanceof net.SignedOut;
    if (state.isOnline) state.since = new Date();
    state.isOnline = false;
    renderNet();
  }

  let timer = null;
  let isBeating = false;

  async function beat() {
    if (isBeating) return;
    isBeating = true;
    clearTimeout(timer);
    try {
      if (session) await refresh();
      else if (isShell) await leaveShell();
      if (session || state.queue.length) {
        await flush();
        state.isOnline = true;
        state.isSignedOut = false;
      }
      renderAll();
    } catch (error) {
      if (error instanceof net.NoNetwork || error instanceof net.SignedOut) lost(error);
      else if (!(error instanceof net.Refused)) throw error;
    } finally {
      isBeating = false;
      timer = setTimeout(beat, document.hidden ? 30_000 : 4000);
    }
  }

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
    const lines = state.isSignedOut ? [words.signedOut, words.signIn] : isBad ? [say(words.noNetwork, clock(state.since)), session ? `${words.noNetworkMore} ${listAge()}` : ""] : [words.sending, ""];
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
      item.querySelector("[data-dismiss]").addEventListener("click", async () => {
        state.troubles = state.troubles.filter((one) => one !== row);
        await store.drop("troubles", row.nonce);
        renderTroubles();
      });
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

  function found() {
    const wanted = plain($("find-text").value).replaceAll(",", " ").split(/\s+/).filter(Boolean);
    return [...state.guests.values()].filter((guest) => {
      if (state.show === "in" && !guest.entry) return false;
      if (state.show === "missing" && (guest.entry || !["welcome", "unpaid"].includes(guest.state))) return false;
      const parts = plain(`${guest.first} ${guest.last} ${guest.first.replaceAll("-", " ")} ${guest.last.replaceAll("-", " ")}`).split(/\s+/);
      return wanted.every((word) => parts.some((part) => part.startsWith(word)));
    });
  }

  // The list that was downloaded, once it is here and whole; until then the page keeps the server's.
  function renderGuests() {
    if (!state.door?.isComplete) return;
    const rows = found();
    const focused = document.activeElement?.closest?.("[data-guest]")?.dataset.guest;
    $("guests").replaceChildren(...rows.slice(0, state.rows).map(guestRow));
    $("guests-none").hidden = rows.length > 0;
    $("guests-more").hidden = rows.length <= state.rows;
    $("guests-pages")?.remove();
    if (focused) $("guests").querySelector(`[data-guest="${focused}"] button:not([hidden])`)?.focus();
    for (const tab of $("show-tabs").querySelectorAll("a")) {
      if (tab.dataset.show === state.show) tab.setAttribute("aria-current", "page");
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
    if (isCode(field.value)) {
      event.preventDefault();
      checkIn({ text: field.value.trim() });
      field.value = "";
      renderGuests();
    } else if (state.door?.isComplete && (found().length || !state.isOnline)) {
      event.preventDefault();
      field.blur();
    } // else the server looks: it also knows codes of orders and names of buyers
  });
  $("find-text")?.addEventListener("input", () => {
    state.rows = ROWS;
    renderGuests();
    if (state.door?.isComplete) put($("guests-news"), say(words.found, found().length));
  });
  $("show-tabs")?.addEventListener("click", (event) => {
    const tab = event.target.closest("a");
    if (!tab || !state.door?.isComplete) return;
    event.preventDefault();
    state.show = tab.dataset.show;
    state.rows = ROWS;
    renderGuests();
  });
  $("guests-more")?.addEventListener("click", () => {
    state.rows += ROWS;
    renderGuests();
  });
  onSubmit("gate-form", (event) => {
    event.preventDefault();
    state.gate = $("gate-field").value.trim();
    showGate();
    $("walk-in-gate").value = state.gate;
    $("door-gate").open = false;
    store.put("memory", { name: "gate", value: state.gate });
    net.ask("gate/", { gate: state.gate }).catch(() => null); // for pages without this script
  });
  onSubmit("walk-in-form", (event, form) => {
    event.preventDefault();
    const value = (name) => form.elements[name].value.trim();
    if (!value("first_name") || !value("last_name")) return;
    checkIn({ first_name: value("first_name"), last_name: value("last_name"), gate: value("gate") });
    form.elements.first_name.value = form.elements.last_name.value = "";
    $("walk-in").open = false;
  });

  function showGate() {
    $("gate-name").textContent = state.gate || $("gate-name").dataset.none;
  }

  // A hand scanner types fast and ends with Enter, wherever the focus is.
  let typed = "";
  let typedAt = 0;
  addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.timeStamp - typedAt > 100) typed = "";
    typedAt = event.timeStamp;
    if (event.key.length === 1) typed += event.key;
    if (event.key === "Enter" && session && isCode(typed)) {
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
      state.queue = [];
      await store.forgetQueue();
      renderNet();
      form.submit();
    };
  });
  $("door-ask-stay").addEventListener("click", () => $("door-ask").close());

  // ---- The beginning ----

  // Whoever signed out elsewhere, or signed in as somebody else, finds no list that another person downloaded.
  async function forgetOthers() {
    const owner = document.cookie.match(/(?:^|; )door_list=([^;]*)/)?.[1];
    if (!owner || (!isShell && owner !== place.dataset.user)) await store.forgetLists();
  }

  async function start() {
    await forgetOthers();
    [state.queue, state.troubles] = await Promise.all([store.all("queue"), store.all("troubles")]);
    state.gate ||= (await store.get("memory", "gate"))?.value ?? "";
    if (session) {
      $("desk").hidden = false;
      if ($("gate-field").value !== state.gate) $("gate-field").value = $("walk-in-gate").value = state.gate;
      showGate();
      state.door = await store.get("sessions", session);
      state.guests = new Map((await store.guests(session)).map((guest) => [guest.id, guest]));
      for (const scan of state.queue) mark(scan);
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
      state.counts = { expected: 0, arrived: 0, walkIns: 0 };
      for (const guest of state.guests.values()) {
        if (guest.state === "welcome") state.counts.expected += 1;
        if (guest.entry) state.counts.arrived += 1;
      }
      $("door-title").textContent = state.door?.title ?? "";
      $("door-when").textContent = state.door?.when ?? "";
      return;
    }
    const doors = (await store.all("sessions")).sort((one, other) => one.opensAt.localeCompare(other.opensAt));
    $("kept-none").hidden = doors.length > 0;
    $("kept-list").replaceChildren(...doors.map((door) => {
      const item = $("kept-row").content.cloneNode(true).firstElementChild;
      item.querySelector("a").href = `${root}${door.id}/`;
      item.querySelector("[data-title]").textContent = door.title;
      item.querySelector("[data-when]").textContent = door.when;
      return item;
    }));
  }

  // The choice of doors is the server's, as soon as it answers.
  async function leaveShell() {
    const answer = await fetch(document.querySelector("link[rel=manifest]").href, { cache: "no-store" }).catch(() => null);
    if (!answer?.ok) throw new net.NoNetwork();
    location.reload();
  }

  addEventListener("online", beat);
  addEventListener("offline", () => lost(new net.NoNetwork()));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });
  start();
})();
