/*
 * The line from the door to the shop. `doorNet.ask(path, fields)` answers with what the server says, or throws one of
 * NoNetwork (also when the server is in trouble or too slow), SignedOut, and Refused, whose message is fit to show.
 * The NoNetwork of a server that is there and broke over just this is a Broken.
 */
(() => {
  "use strict";

  const PATIENCE_MILLISECONDS = 4000;
  const place = document.getElementById("door");
  if (!place) return;
  const root = place.dataset.root;
  let token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

  class NoNetwork extends Error {}
  class Broken extends NoNetwork {}
  class SignedOut extends Error {}
  class Refused extends Error {}

  async function send(path, fields) {
    const options = { cache: "no-store", redirect: "manual", headers: { Accept: "application/json" } };
    if (fields) {
      options.method = "POST";
      options.body = new URLSearchParams(fields);
      options.headers["X-CSRFToken"] = token;
    }
    try {
      return await fetch(root + path, { ...options, signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
    } catch {
      throw new NoNetwork();
    }
  }

  async function ask(path, fields) {
    let answer = await send(path, fields);
    if (answer.status === 403 && fields) {
      // The token may be from before the last sign-in; the news bring a fresh one.
      await ask(`${path.split("/")[0]}/news.json`);
      answer = await send(path, fields);
    }
    if (answer.type === "opaqueredirect" || answer.status === 403) throw new SignedOut();
    if (answer.status === 500) throw new Broken();
    if (answer.status > 500 || answer.status === 429) throw new NoNetwork();
    let data;
    try {
      data = await answer.json();
    } catch {
      throw answer.ok ? new NoNetwork() : new Refused("");
    }
    if (!answer.ok) throw new Refused(data.error ?? "");
    token = data.csrf ?? token;
    return data;
  }

  window.doorNet = { ask, NoNetwork, Broken, SignedOut, Refused };
})();
