// The server's answers. Each wait has an end; what is no answer is an Error.

const TIMEOUT_MS = 15_000;

let brought;

async function get(url, headers, signal) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new Error("no answer")), TIMEOUT_MS);
  signal?.addEventListener("abort", () => stop.abort(signal.reason), { once: true });
  try {
    const response = await fetch(url, { headers, signal: stop.signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return headers.Accept === "application/json" ? await response.json() : await response.text();
  } finally {
    clearTimeout(timer);
  }
}

export const getJson = (url, signal) => get(url, { Accept: "application/json" }, signal);

/** A page for the parts of it that are swapped: the server leaves out what is costly and never swapped. */
export const getParts = (url, signal) => get(url, { Accept: "text/html", "X-Parts": "swapped" }, signal);

/** Columns of one field between two moments in Unix seconds: at most `points` of them, or those that the page brought. */
export async function getSeries(url, field, { start, end }, points, signal) {
  const own = takeBrought(field, start, end, points);
  return own ?? getJson(`${url}?${new URLSearchParams({ field, start, end, points })}`, signal);
}

/** A series that came with the page, once: then it ages. A page that the browser kept is as old as the last visit. */
function takeBrought(field, start, end, points) {
  brought ??= isKept() ? { fields: {} } : JSON.parse(document.getElementById("brought")?.textContent ?? '{"fields": {}}');
  const series = brought.fields[field];
  const isRight = series && start === brought.start && end === brought.end;
  if (!isRight || (series.step_s && points > series.points)) return null;
  delete brought.fields[field];
  return series;
}

const isKept = () => performance.getEntriesByType("navigation")[0]?.type === "back_forward";
