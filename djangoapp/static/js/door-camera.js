/*
 * Reads QR codes with the camera: by the browser's own BarcodeDetector, or by a decoder that is loaded only where that is
 * missing. `doorCamera.start({found, failed})` begins; `found` gets each text that is seen, also one that was seen before.
 */
(() => {
  "use strict";

  const PAUSE_MILLISECONDS = 100;
  const section = document.getElementById("door-scanner");
  if (!section) return;
  const video = document.getElementById("viewer-video");
  let reader = null;
  let stream = null;
  let lock = null;
  let run = 0;

  function load(address) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = () => reject(new Error("The decoder did not arrive."));
      document.head.append(script);
    });
  }

  async function makeReader() {
    const options = { formats: ["qr_code"] };
    const known = (await window.BarcodeDetector?.getSupportedFormats?.()) ?? [];
    if (known.includes("qr_code")) return new window.BarcodeDetector(options);
    await load(section.dataset.decoder);
    const decoder = window.BarcodeDetectionAPI;
    decoder.prepareZXingModule({ overrides: { locateFile: () => section.dataset.wasm } });
    return new decoder.BarcodeDetector(options);
  }

  async function look(mine, found) {
    while (mine === run) {
      try {
        if (video.readyState >= video.HAVE_CURRENT_DATA) {
          for (const code of await reader.detect(video)) found(code.rawValue);
        }
      } catch {
        // A picture that cannot be read; the next one comes in a moment.
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
    }
  }

  async function start({ found, failed }) {
    stop();
    const mine = ++run;
    try {
      const camera = navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
      });
      const [taken, ready] = await Promise.all([camera, reader ?? makeReader()]);
      reader = ready;
      if (mine !== run) {
        for (const track of taken.getTracks()) track.stop();
        return;
      }
      stream = taken;
      video.srcObject = stream;
      await video.play();
      lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
      look(mine, found);
    } catch (error) {
      stop();
      failed(error.name);
    }
  }

  function stop() {
    run += 1;
    for (const track of stream?.getTracks() ?? []) track.stop();
    lock?.release().catch(() => null);
    stream = lock = video.srcObject = null;
  }

  const track = () => stream?.getVideoTracks()[0];

  window.doorCamera = {
    isThere: Boolean(navigator.mediaDevices?.getUserMedia),
    start,
    stop,
    hasLight: () => Boolean(track()?.getCapabilities?.().torch),
    light: (isOn) => track()?.applyConstraints({ advanced: [{ torch: isOn }] }).catch(() => null),
  };
})();
