/*
 * Keeps the page of the door, so that it opens without a network. What it keeps belongs to one release: the next one
 * brings another key, and with it a store of its own that replaces this one. Guests are none of its business.
 */
"use strict";
const RELEASE = "door-{{ release }}";
const ROOT = "{{ root|escapejs }}";
const SHELL = "{{ shell|escapejs }}";
const PARTS = [{% for address in parts %}"{{ address|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const PATIENCE_MILLISECONDS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(RELEASE);
    await cache.addAll(PARTS);
    // Somebody who is signed out is led to sign in; that page must not stand in for the door.
    const shell = await fetch(SHELL, { redirect: "error", cache: "no-store" });
    if (!shell.ok) throw new Error(`The page answers ${shell.status}`);
    await cache.put(SHELL, shell);
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("door-") && name !== RELEASE).map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    if (isDoor(new URL(request.url))) event.respondWith(page(event));
    return;
  }
  if (PARTS.some((part) => new URL(part, self.location).href === request.url)) event.respondWith(kept(request));
});

// The choice of doors and each single door; sheets and files need the network.
function isDoor(url) {
  return url.pathname.startsWith(ROOT) && /^(\d+\/)?$/.test(url.pathname.slice(ROOT.length));
}

async function page(event) {
  const patience = new Promise((_resolve, reject) => setTimeout(reject, PATIENCE_MILLISECONDS));
  try {
    const answer = await Promise.race([fetch(event.request), patience]);
    if (![502, 503, 504].includes(answer.status)) return answer;
  } catch {
    // No network, or one that only looks like it: the page that was kept says so.
  }
  const shell = await (await caches.open(RELEASE)).match(SHELL);
  return shell ?? Response.error();
}

async function kept(request) {
  const cache = await caches.open(RELEASE);
  return (await cache.match(request.url)) ?? fetch(request);
}
