// Keeps the cards fresh while somebody looks.

import { swap } from "./swap.js";

const EVERY_MS = 60_000;

async function refresh() {
  if (document.hidden) return;
  try {
    await swap(location.href);
  } catch {
    // The ages on the cards are those of the last answer; the next minute tries again.
  }
}

setInterval(refresh, EVERY_MS);
document.addEventListener("visibilitychange", refresh);
