/*
 * Says the door's answer so that it is understood from two metres away: it fills the screen with a colour, a sign and a few
 * words, sounds high for yes and low for no, shakes the telephone, and goes by itself or by a tap.
 */
(() => {
  "use strict";

  const dialog = document.getElementById("answer");
  if (!dialog) return;
  const part = (name) => document.getElementById(`answer-${name}`);
  const SHOWN_MILLISECONDS = { good: 1800, other: 6000, wait: 6000, stop: 5000 };
  const TONES = { good: [[880, 0], [1320, 0.12]], other: [[440, 0], [440, 0.25]], wait: [[440, 0], [440, 0.25]], stop: [[180, 0], [140, 0.25]] };
  const SHAKES = { good: [60], other: [150, 80, 150], wait: [150, 80, 150], stop: [300, 100, 300] };
  let sound = null;
  let timer = null;
  let deeds = {};

  // A browser lets a page sound only after somebody has touched it.
  function unlock() {
    sound ??= window.AudioContext ? new AudioContext() : null;
    sound?.resume();
  }
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, unlock, { passive: true });

  function play(tone) {
    navigator.vibrate?.(SHAKES[tone]);
    if (sound?.state !== "running") return;
    for (const [pitch, after] of TONES[tone]) {
      const begin = sound.currentTime + after;
      const voice = sound.createOscillator();
      const volume = sound.createGain();
      voice.type = tone === "good" ? "sine" : "square";
      voice.frequency.value = pitch;
      volume.gain.setValueAtTime(0.25, begin);
      volume.gain.exponentialRampToValueAtTime(0.001, begin + 0.2);
      voice.connect(volume).connect(sound.destination);
      voice.start(begin);
      voice.stop(begin + 0.2);
    }
  }

  // Show an answer. With `letIn` it is a question: it stays until somebody decides. `undo` takes the answer back.
  function show(answer, { letIn = null, undo = null } = {}) {
    clearTimeout(timer);
    deeds = { letIn, undo };
    dialog.dataset.tone = answer.tone;
    dialog.dataset.verdict = answer.verdict;
    dialog.classList.toggle("is-offline", Boolean(answer.offline));
    for (const sign of dialog.querySelectorAll("[data-verdict]")) sign.hidden = sign.dataset.verdict !== answer.verdict;
    for (const name of ["word", "name", "message"]) part(name).textContent = answer[name] ?? "";
    part("offline").hidden = !answer.offline;
    part("offline-word").textContent = answer.offline ?? "";
    part("let-in").hidden = !letIn;
    part("undo").hidden = !undo;
    part("next").textContent = letIn ? part("next").dataset.no : part("next").dataset.next;
    if (!dialog.open) dialog.showModal();
    part("next").focus();
    play(answer.tone);
    if (!letIn) timer = setTimeout(close, SHOWN_MILLISECONDS[answer.tone]);
  }

  function close() {
    clearTimeout(timer);
    deeds = {};
    if (dialog.open) dialog.close();
  }

  dialog.addEventListener("click", (event) => {
    const { letIn, undo } = deeds;
    const button = event.target.closest("button");
    // A question is answered by its buttons; everything else goes by a tap anywhere.
    if (letIn && !button) return;
    close();
    if (button === part("let-in")) letIn();
    if (button === part("undo")) undo();
  });
  dialog.addEventListener("cancel", close);

  window.doorAnswer = { show, close, asks: () => dialog.open && Boolean(deeds.letIn) };
})();
