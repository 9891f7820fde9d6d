// The server's answers. Each wait has an end; what is no answer is an Error.

const TIMEOUT_MS = 15_000;

async function get(url, accept, signal) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new Error("no answer")), TIMEOUT_MS);
  signal?.addEventListener("abort", () => stop.abort(signal.reason), { once: true });
  try {
    const response = await fetch(url, { headers: { Accept: accept }, signal: stop.signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return accept === "application/json" ? await response.json() : await response.text();
  } finally {
    clearTimeout(timer);
  }
}

export const getJson = (url, signal) => get(url, "application/json", signal);
export const getPage = (url, signal) => get(url, "text/html", signal);

/** Columns of one field between two moments in Unix seconds: at most `points` of them. */
export function getSeries(url, field, { start, end }, points, signal) {
  return getJson(`${url}?${new URLSearchParams({ field, start, end, points })}`, signal);
}
