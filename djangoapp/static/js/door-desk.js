/*
 * What happens at a door: letting in and taking back, with the network and without.
 *
 * With the network the server answers. Without it the list that was downloaded does: its answers are marked, what they let
 * in is noted with its own time, and sent as soon as the network is back; what the server then sees otherwise is kept as a
 * trouble until somebody dismisses it. `doorDesk.draw` is called after each change; door.js draws.
 */
(() => {
  "use strict";

  const place = document.getElementById("door");
  const { doorStore: store, doorAnswer: screen, doorNet: net } = window;
  if (!place || !net) return;

  const words = JSON.parse(document.getElementById("door-words").textContent);
  const root = place.dataset.root;
  const inPath = location.pathname.slice(root.length).match(/^(\d+)\/$/);
  const session = Number(place.dataset.session ?? inPath?.[1]) || null;
  const isShell = !place.dataset.user;

  const CODE_LETTERS = 26;
  const SHORT_CODE = /^[A-HJ-NP-Z2-9]{4}[-\s]?[A-HJ-NP-Z2-9]{4}$/i; // as it is printed on tickets
  const LIST_MILLISECONDS = 120_000;
  const MOST_FAILURES = 5;

  const state = {
    door: null, // the session as it is kept: title, times, mark, version
    guests: new Map(),
    entries: new Map(), // of the last arrivals
    queue: [],
    troubles: [],
    counts: null,
    gate: "",
    isOnline: true,
    isSignedOut: false,
    since: null,
    listAt: 0,
  };
  const desk = { draw: () => {}, tell: () => {} };
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

  const isCode = (text) => /^https?:\/\//i.test(text.trim()) || codeOf(text).length === CODE_LETTERS || (isShortCode(text) && /\d/.test(text));

  // Names of eight letters look like one, too: only a digit makes it sure.
  const isShortCode = (text) => SHORT_CODE.test(text.trim());

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
            cannot(error.message);
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

  const cannot = (message) => screen.show({ verdict: "unknown", tone: "stop", word: words.notDone, message });

  const pathOf = (scan) => `${scan.session}/${scan.last_name ? "walk-in" : "scan"}/`;

  function fieldsOf(scan, isLate = false) {
    const names = ["nonce", "gate", "guest", "text", "first_name", "last_name", ...(isLate ? ["at"] : [])];
    return Object.fromEntries(names.filter((name) => scan[name] !== undefined).map((name) => [name, scan[name]]));
  }

  // Without the network: what the kept list says, marked as such.
  async function answerAlone(scan) {
    if (scan.last_name) {
      const name = `${scan.first_name} ${scan.last_name}`;
      await note(scan);
      screen.show({ ...verdict("welcome"), name, message: words.withoutTicket, offline: words.noted }, { undo: () => takeBack({ nonce: scan.nonce, name }) });
      return;
    }
    const hash = scan.guest || !crypto.subtle ? "" : await hashOf(codeOf(scan.text));
    const guest = scan.guest ? state.guests.get(scan.guest) : [...state.guests.values()].find((one) => hash && [one.hash, one.shortHash].includes(hash));
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
    desk.draw();
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
        cannot(words.undoNeedsNetwork);
        return;
      }
    }
    desk.tell(say(words.takenBack, entry.name));
    desk.draw();
  }

  // ---- News ----

  function take(answer) {
    if (answer.entry) takeEntry({ ...answer.entry, guest: answer.entry.guest ?? answer.guest });
    if (answer.counts) takeCounts(answer.counts);
    desk.draw();
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

  // Send what was noted, the oldest first. What the server sees otherwise becomes a trouble, and so does what it breaks over
  // again and again: the others behind it have to be sent.
  async function flush() {
    for (const scan of [...state.queue].sort((one, other) => one.at.localeCompare(other.at))) {
      let answer = null;
      try {
        answer = await net.ask(pathOf(scan), fieldsOf(scan, true));
      } catch (error) {
        const isGivenUp = error instanceof net.Broken && (await failures(scan)) >= MOST_FAILURES;
        if (!(error instanceof net.Refused || isGivenUp)) throw error;
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

  async function failures(scan) {
    scan.failures = (scan.failures ?? 0) + 1;
    await store.put("queue", scan);
    return scan.failures;
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
    desk.draw();
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
      desk.draw();
    } catch (error) {
      if (error instanceof net.NoNetwork || error instanceof net.SignedOut) lost(error);
      else if (!(error instanceof net.Refused)) throw error;
    } finally {
      isBeating = false;
      timer = setTimeout(beat, document.hidden ? 30_000 : 4000);
    }
  }

  // The choice of doors is the server's, as soon as it answers.
  async function leaveShell() {
    const answer = await fetch(document.querySelector("link[rel=manifest]").href, { cache: "no-store" }).catch(() => null);
    if (!answer?.ok) throw new net.NoNetwork();
    location.reload();
  }

  async function dismiss(row) {
    state.troubles = state.troubles.filter((one) => one !== row);
    await store.drop("troubles", row.nonce);
    desk.draw();
  }

  async function loseQueue() {
    state.queue = [];
    await store.forgetQueue();
    desk.draw();
  }

  // Whoever signed out elsewhere, or signed in as somebody else, finds no list that another person downloaded.
  async function forgetOthers() {
    const owner = document.cookie.match(/(?:^|; )door_list=([^;]*)/)?.[1];
    if (!owner || (!isShell && owner !== place.dataset.user)) await store.forgetLists();
  }

  // Take up what this telephone keeps, of this door and of what is not sent yet.
  async function open() {
    await forgetOthers();
    [state.queue, state.troubles] = await Promise.all([store.all("queue"), store.all("troubles")]);
    state.gate ||= (await store.get("memory", "gate"))?.value ?? "";
    if (!session) return;
    state.door = await store.get("sessions", session);
    state.guests = new Map((await store.guests(session)).map((guest) => [guest.id, guest]));
    for (const scan of state.queue) mark(scan);
    if (!isShell) return;
    state.counts = { expected: 0, arrived: 0, walkIns: 0 };
    for (const guest of state.guests.values()) {
      if (guest.state === "welcome") state.counts.expected += 1;
      if (guest.entry) state.counts.arrived += 1;
    }
  }

  function stand(gate) {
    state.gate = gate;
    store.put("memory", { name: "gate", value: gate });
    net.ask("gate/", { gate }).catch(() => null); // for pages without this script
  }

  window.doorDesk = Object.assign(desk, {
    state, words, root, session, isShell, say, clock, isCode, isShortCode, listAge, checkIn, takeBack, cannot, beat, lost, dismiss, loseQueue, open, stand,
  });
})();
