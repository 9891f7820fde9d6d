// Puts the server's own words for another moment or period into the page's elements with data-swap.

import { getParts } from "../lib/api.js";

let latest;

/** Copy a page's marked elements into this one. A later call cancels an earlier one; `still` stays in its place. */
export async function swap(url, still = null) {
  latest?.abort();
  const own = (latest = new AbortController());
  const fresh = new DOMParser().parseFromString(await getParts(url, own.signal), "text/html");
  if (own.signal.aborted) return;
  const top = still?.getBoundingClientRect().top;
  document.title = fresh.title;
  for (const part of document.querySelectorAll("[data-swap]")) {
    const other = fresh.getElementById(part.id); // Without readings, some of them are missing.
    if (other?.innerHTML !== part.innerHTML) part.replaceChildren(...(other?.childNodes ?? []));
  }
  if (still) scrollBy({ top: still.getBoundingClientRect().top - top, behavior: "instant" });
}
