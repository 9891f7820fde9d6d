// Puts the server's own words for another moment or period into the page, where an element says data-swap.

import { getParts } from "../lib/api.js";

let latest;

/** Take the marked elements of a page over into this one. A later call overtakes an earlier one, and `still` stays in its place. */
export async function swap(url, still = null) {
  latest?.abort();
  const own = (latest = new AbortController());
  const fresh = new DOMParser().parseFromString(await getParts(url, own.signal), "text/html");
  if (own.signal.aborted) return;
  const top = still?.getBoundingClientRect().top;
  document.title = fresh.title;
  for (const part of document.querySelectorAll("[data-swap]")) {
    const other = fresh.getElementById(part.id); // Without readings, some are not there.
    if (other?.innerHTML !== part.innerHTML) part.replaceChildren(...(other?.childNodes ?? []));
  }
  if (still) scrollBy({ top: still.getBoundingClientRect().top - top, behavior: "instant" });
}
