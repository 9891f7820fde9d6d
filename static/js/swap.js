// Puts the server's own words for another moment or period into the page, where an element says data-swap.

import { getParts } from "./api.js";

let latest;

/** Take the marked elements of a page over into this one. A later call overtakes an earlier one. */
export async function swap(url) {
  latest?.abort();
  const own = (latest = new AbortController());
  const fresh = new DOMParser().parseFromString(await getParts(url, own.signal), "text/html");
  if (own.signal.aborted) return;
  document.title = fresh.title;
  for (const part of document.querySelectorAll("[data-swap]")) {
    const other = fresh.getElementById(part.id);
    if (other && other.innerHTML !== part.innerHTML) part.replaceChildren(...other.childNodes);
  }
}
