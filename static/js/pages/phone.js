// Lets this browser take messages: it asks for permission and for a subscription, and hands that over by the form.

// The browser may wait for ever for a push service that is not reached.
const LIMIT_MS = 10_000;

const form = document.getElementById("phone");
const button = form.querySelector("button");

/** Show one of the sentences of the page, or none. */
function say(state, detail = "") {
  for (const each of document.querySelectorAll("[data-state]")) {
    each.hidden = each.dataset.state !== state;
    if (!each.hidden && each.querySelector("samp")) each.querySelector("samp").textContent = detail;
  }
}

/** Why this browser cannot take messages, or "". */
function obstacle() {
  if (!isSecureContext) return "insecure";
  const isApples = /iPhone|iPad/.test(navigator.userAgent) || (/Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) {
    return isApples && !navigator.standalone ? "apple" : "unable";
  }
  return Notification.permission === "denied" ? "denied" : "";
}

/** The server's public key as bytes, which every browser takes. */
function key() {
  const text = atob(form.dataset.key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (each) => each.charCodeAt(0));
}

async function subscription() {
  const registration = await navigator.serviceWorker.register(form.dataset.worker);
  await navigator.serviceWorker.ready;
  const known = await registration.pushManager.getSubscription();
  const isOurs = known && String(new Uint8Array(known.options.applicationServerKey)) === String(key());
  if (known && !isOurs) await known.unsubscribe(); // It was made for an earlier key of this server.
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key() });
}

function limit() {
  return new Promise((_, reject) => setTimeout(() => reject(new DOMException("", "TimeoutError")), LIMIT_MS));
}

async function subscribe() {
  const permission = await Notification.requestPermission();
  if (permission !== "granted") return say(permission === "denied" ? "denied" : "closed");
  say("waiting");
  const { endpoint, keys } = (await Promise.race([subscription(), limit()])).toJSON();
  for (const [name, value] of Object.entries({ endpoint, ...keys })) form.elements[name].value = value;
  form.submit();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  try {
    await subscribe();
  } catch (error) {
    say(error.name === "TimeoutError" ? "late" : "failed", error.message);
  } finally {
    button.disabled = false;
  }
});

const state = obstacle();
say(state);
form.hidden = Boolean(state);
