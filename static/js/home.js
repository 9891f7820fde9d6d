// Keeps the cards fresh while somebody looks.

import { swap } from "./swap.js";

const EVERY_MS = 60_000;
// Who opened the page at the same moment need not come back at the same one.
const SPREAD_MS = 10_000;

let timer;

async function refresh() {
  clearTimeout(timer);
  if (document.hidden) return;
  try {
    await swap(location.href);
  } catch {
    // The ages on the cards are those of the last answer; the next minute tries again, or the network's return.
  }
  schedule();
}

function schedule() {
  clearTimeout(timer);
  timer = setTimeout(refresh, EVERY_MS + Math.random() * SPREAD_MS);
}

schedule();
document.addEventListener("visibilitychange", refresh);
addEventListener("online", refresh);
