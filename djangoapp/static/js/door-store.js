/*
 * What a telephone keeps at the door, in IndexedDB: the lists of guests (names, states, hashes of codes), scans that wait
 * to be sent, and what somebody still has to look at. Where nothing can be kept, the door works as long as its page is open.
 */
(() => {
  "use strict";

  const KEYS = { sessions: "id", guests: ["session", "id"], queue: "nonce", troubles: "nonce", memory: "name" };
  let opened = null;

  function open() {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open("door", 1);
      request.onupgradeneeded = () => {
        for (const [name, keyPath] of Object.entries(KEYS)) request.result.createObjectStore(name, { keyPath });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return opened;
  }

  // Do something with some of the stores in one transaction; null where nothing can be kept.
  async function within(names, mode, deed) {
    try {
      const database = await open();
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(names, mode);
        const request = deed(transaction);
        transaction.oncomplete = () => resolve(request?.result ?? null);
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
      });
    } catch {
      return null;
    }
  }

  const ofSession = (session) => IDBKeyRange.bound([session], [session, []]);

  window.doorStore = {
    all: async (name) => (await within([name], "readonly", (t) => t.objectStore(name).getAll())) ?? [],
    get: (name, key) => within([name], "readonly", (t) => t.objectStore(name).get(key)),
    put: (name, row) => within([name], "readwrite", (t) => t.objectStore(name).put(row)),
    drop: (name, key) => within([name], "readwrite", (t) => t.objectStore(name).delete(key)),
    guests: async (session) => (await within(["guests"], "readonly", (t) => t.objectStore("guests").getAll(ofSession(session)))) ?? [],

    // A session and its guests, in place of what was kept of it.
    keepList: (session, guests) => within(["sessions", "guests"], "readwrite", (t) => {
      t.objectStore("sessions").put(session);
      t.objectStore("guests").delete(ofSession(session.id));
      for (const guest of guests) t.objectStore("guests").put(guest);
    }),

    // Forget all guests. Scans that wait and troubles stay: nobody else knows of them.
    forgetLists: () => within(["sessions", "guests"], "readwrite", (t) => {
      t.objectStore("sessions").clear();
      t.objectStore("guests").clear();
    }),

    forgetQueue: () => within(["queue"], "readwrite", (t) => { t.objectStore("queue").clear(); }),
  };
})();
