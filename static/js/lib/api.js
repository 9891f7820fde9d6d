// The server's answers. Each wait has an end; a failure is an Error.

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

/** A page, for its parts that are swapped: the server leaves out costly parts that are never swapped. */
export const getParts = (url, signal) => get(url, { Accept: "text/html", "X-Parts": "swapped" }, signal);

/** Columns of one field between two moments in Unix seconds: at most `points` of them, or those that the page brought. */
export async function getSeries(url, { number, asked = { field: number } }, { start, end }, points, signal) {
  const own = takeBrought(number, start, end, points);
  return unpacked(own ?? (await getJson(`${url}?${new URLSearchParams({ ...asked, start, end, points, packed: 1 })}`, signal)));
}

/** A series' columns, unpacked from the whole numbers of readings/history/packing.py. */
function unpacked(series) {
  if (!("decimals" in series)) return series; // Sums, and values that are too large to pack.
  const [scale, means] = [10 ** series.decimals, summed(series.mean)];
  const beside = (apart, sign) => means.map((mean, index) => (mean === null ? null : (mean + sign * (apart[index] ?? 0)) / scale));
  const time = summed(series.time_ms).map((at_ms) => at_ms / 1000);
  const columns = { step_s: series.step_s, time, mean: beside([], 0) };
  if (series.kind === "direction") return { ...columns, steadiness: time.map((_, index) => share(series.steadiness[index])) };
  return { ...columns, min: beside(series.below, -1), max: beside(series.above, 1) };
}

const share = (percent) => (percent === undefined || percent === null ? null : percent / 100);

function summed(distances) {
  let sum = 0;
  return distances.map((distance) => (distance === null ? null : (sum += distance)));
}

/** A series that came with the page. It is used once, because it ages. A page that the browser kept is as old as the last visit. */
function takeBrought(field, start, end, points) {
  brought ??= isKept() ? { fields: {} } : JSON.parse(document.getElementById("brought")?.textContent ?? '{"fields": {}}');
  const series = brought.fields[field];
  const isRight = series && start === brought.start && end === brought.end;
  if (!isRight || (series.step_s && points > series.points)) return null;
  delete brought.fields[field];
  return series;
}

const isKept = () => performance.getEntriesByType("navigation")[0]?.type === "back_forward";
