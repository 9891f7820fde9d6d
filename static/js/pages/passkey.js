// Offers passkeys where this browser has them, and says in a sentence why not, or what failed.
// allauth's own script does the rest, and tells of what failed by an event.

/** Show one of the sentences of the page, or none. */
function say(state, detail = "") {
  const known = [...document.querySelectorAll("[data-state]")];
  const shown = !state || known.some((each) => each.dataset.state === state) ? state : "failed";
  for (const each of known) {
    each.hidden = each.dataset.state !== shown;
    if (!each.hidden && each.querySelector("samp")) each.querySelector("samp").textContent = detail;
  }
}

/** Why this browser has no passkeys here, or "". */
function obstacle() {
  if (!isSecureContext) return "insecure";
  return "PublicKeyCredential" in window ? "" : "unable";
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  say(event.detail.exception.name, event.detail.exception.message);
});

const state = obstacle();
for (const each of document.querySelectorAll("[data-passkey]")) each.hidden = Boolean(state);
if (state) say(state);
