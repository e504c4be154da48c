/*
 * Shows what needs a passkey ([data-passkeys]) where the browser knows passkeys, and says in [data-passkey-trouble]
 * when one did not work. The conversation itself is allauth's, in mfa/js/webauthn.js.
 */
(() => {
  "use strict";

  if (!window.PublicKeyCredential) return;
  for (const element of document.querySelectorAll("[data-passkeys]")) element.hidden = false;

  function trouble(isShown) {
    for (const notice of document.querySelectorAll("[data-passkey-trouble]")) notice.hidden = !isShown;
  }

  document.addEventListener("click", () => trouble(false));
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    trouble(true);
  });
})();
