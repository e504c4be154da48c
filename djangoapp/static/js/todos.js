/*
 * Keeps the hands on a list: frees its line for the next one while the last is on its way, and goes on with the
 * keyboard at the next item when a row leaves.
 */
(() => {
  "use strict";

  const isLine = (element) => element.matches?.(".todo-new");
  let sent = {};

  // htmx has read the fields by now.
  document.addEventListener("htmx:beforeSend", ({ target: form }) => {
    if (!isLine(form)) return;
    sent = { title: form.elements.title.value, due_on: form.elements.due_on.value };
    for (const name of Object.keys(sent)) form.elements[name].value = "";
    for (const field of form.querySelectorAll(".wrong")) {
      field.classList.remove("wrong");
      field.querySelector(".errors")?.remove();
    }
    form.elements.title.focus();
  });

  // What did not arrive comes back, unless something else is being written there.
  document.addEventListener("htmx:afterRequest", ({ target: form, detail }) => {
    if (!isLine(form) || detail.successful || detail.xhr.status === 422 || form.elements.title.value) return;
    for (const [name, value] of Object.entries(sent)) form.elements[name].value = value;
  });

  // Only when the focus went with the row: whoever writes elsewhere is left alone.
  document.addEventListener("todo-focus", ({ detail }) => {
    if (document.activeElement === document.body) document.getElementById(detail.id)?.focus();
  });
})();

/*
 * Puts a list in order by dragging, on top of the arrows that do the same without a script.
 *
 * Each [data-item] of .is-ordering becomes draggable. Dropping one fills #drop-form with the item that follows and
 * sends it by htmx, whose answer is the list in its new order. Listens on the document, so lists that htmx puts in
 * need no start of their own.
 */
(() => {
  "use strict";

  let dragged = null;

  function enable() {
    for (const item of document.querySelectorAll('.is-ordering [data-item][draggable="false"]')) item.draggable = true;
  }

  function clear() {
    for (const part of document.querySelectorAll(".is-target, .is-target-end, .is-dragged")) {
      part.classList.remove("is-target", "is-target-end", "is-dragged");
    }
  }

  // The item before which the dragged one would land; null for the end of the list.
  function following(list, y) {
    for (const item of list.querySelectorAll("[data-item]")) {
      const box = item.getBoundingClientRect();
      if (y < box.top + box.height / 2) return item;
    }
    return null;
  }

  document.addEventListener("dragstart", (event) => {
    const item = event.target.closest?.(".is-ordering [data-item]");
    if (!item) return;
    dragged = item;
    item.classList.add("is-dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", item.dataset.item);
  });

  document.addEventListener("dragover", (event) => {
    const list = dragged?.closest(".is-ordering");
    if (!list?.contains(event.target)) return;
    event.preventDefault();
    for (const part of document.querySelectorAll(".is-target, .is-target-end")) part.classList.remove("is-target", "is-target-end");
    const next = following(list, event.clientY);
    (next ?? list).classList.add(next ? "is-target" : "is-target-end");
  });

  document.addEventListener("drop", (event) => {
    const list = dragged?.closest(".is-ordering");
    const form = document.getElementById("drop-form");
    if (!list?.contains(event.target) || !form) return;
    event.preventDefault();
    const next = following(list, event.clientY);
    const address = form.dataset.action.replace("/0/", `/${dragged.dataset.item}/`);
    form.elements.before.value = next ? next.dataset.item : "";
    htmx.ajax("POST", address, { source: form });
  });

  document.addEventListener("dragend", () => {
    clear();
    dragged = null;
  });
  document.addEventListener("htmx:afterSettle", enable);
  enable();
})();
