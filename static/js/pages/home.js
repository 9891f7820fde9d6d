// Keeps the cards fresh while somebody looks.

import { swap } from "../parts/swap.js";

const EVERY_MS = 60_000;
// The server makes the whole page for each viewer, which costs it by the card: a hundred are asked for each minute.
const EVERY_MS_A_CARD = 600;
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
  const every_ms = Math.max(EVERY_MS, EVERY_MS_A_CARD * document.querySelectorAll(".card").length);
  timer = setTimeout(refresh, every_ms + Math.random() * SPREAD_MS);
}

schedule();
document.addEventListener("visibilitychange", refresh);
addEventListener("online", refresh);
