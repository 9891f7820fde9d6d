// Keeps the cards fresh while the page is visible.

import { swap } from "../parts/swap.js";

const EVERY_MS = 60_000;
// The server makes the whole page for each viewer, at a cost per card: a hundred cards are fetched each minute.
const EVERY_MS_A_CARD = 600;
// Viewers who opened the page at the same moment should not come back at the same moment.
const SPREAD_MS = 10_000;

let timer;

async function refresh() {
  clearTimeout(timer);
  if (document.hidden) return;
  try {
    await swap(location.href);
  } catch {
    // The cards keep the ages of the last answer. The next minute, or the network's return, tries again.
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
