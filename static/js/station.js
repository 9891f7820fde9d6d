// A station's page: charts of one stretch of time, live.

import { getSeries } from "./api.js";
import { FieldChart, pointsOf } from "./chart.js";
import { Live } from "./live.js";
import { Clock, Moments } from "./moments.js";
import { Reader } from "./reader.js";
import { swap } from "./swap.js";
import { gettext } from "./words.js";
import { View } from "./zoom.js";

// Aggregated charts and the words around them need no fresher look than this.
const REFRESH_S = 300;
// In reporting intervals: what is farther from a chart's last reading may have others before it.
const MISSED_AFTER = 1.5;
const VALUE_TEXTS = { ready: gettext("Use the arrow keys to read it"), empty: gettext("No readings"), failed: gettext("Not loaded") };

const config = JSON.parse(document.getElementById("chart").textContent);
const clock = new Clock(config.now);
const moments = new Moments(config.zone);
const view = new View(config.start, config.end, show);
const back = document.querySelector(".tools .back");
const panels = [...document.querySelectorAll("figure.chart")].map(panel);
let refreshed = clock.now();

/** A figure and all that belongs to it. */
function panel(figure) {
  const field = config.fields.find(({ number }) => number === Number(figure.dataset.field));
  const [plot, note] = [figure.querySelector(".plot"), figure.querySelector(".plot-note")];
  return { figure, field, plot, note, reader: new Reader(figure, moments), chart: null, loaded: 0, request: null };
}

function draw(each) {
  const { plot, field, reader } = each;
  const zoomTo = (start, end) => view.zoomTo(start, end);
  const listeners = { zoom: zoomTo, back: () => view.back(), read: (index) => reader.read(index) };
  each.chart = new FieldChart(plot, field, moments, { start: view.start, end: view.end }, listeners);
  reader.follow(each.chart, { "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), Escape: () => view.back() });
}

async function load(each) {
  each.request?.abort();
  const own = (each.request = new AbortController());
  setState(each, "loading");
  try {
    const series = await getSeries(config.series_url, each.field.number, view, pointsOf(each.plot), own.signal);
    each.loaded = clock.now();
    each.chart.setSeries(series);
    setState(each, each.chart.isEmpty ? "empty" : "ready");
  } catch (error) {
    if (own.signal.aborted) return;
    setState(each, "failed");
  }
}

function setState(each, state) {
  const { figure, note, plot } = each;
  figure.dataset.state = state;
  plot.setAttribute("aria-busy", state === "loading");
  if (state === "loading") return;
  if (state !== "failed") figure.querySelector(".sketch")?.remove();
  const notes = { ready: [], empty: [gettext("No readings in this stretch of time")], failed: failure(() => load(each)) };
  note.replaceChildren(...notes[state]);
  plot.setAttribute("aria-valuetext", VALUE_TEXTS[state]);
}

function failure(again) {
  const [words, button] = [document.createElement("p"), document.createElement("button")];
  words.textContent = gettext("The readings did not arrive.");
  button.textContent = gettext("Try again");
  button.type = "button";
  button.addEventListener("click", again);
  return [words, button];
}

/** Show another stretch: what is there at once, then what the server says of it. */
function show({ start, end }) {
  if (!panels.length) return location.reload();
  back.hidden = view.isHome;
  for (const each of panels) each.chart.show({ start, end });
  panels.forEach(load);
  refresh();
}

async function refresh() {
  refreshed = clock.now();
  try {
    await swap(location.href);
  } catch {
    // The charts say what failed; these words wait for the next time.
  }
}

/** Show so many times as much, around the cursor where there is one. */
function zoom(factor) {
  const pointed = panels.map(({ chart }) => chart.uplot).find(({ cursor }) => cursor.left >= 0);
  view.zoomBy(factor, pointed?.posToVal(pointed.cursor.left, "x"));
}

/** A newer value: a raw chart takes it as it is, an aggregated one asks again when its newest bucket has grown. */
function arrived(field, at, value) {
  if (isRecord(field, value)) refreshed = 0;
  const each = panels.find((one) => one.field === field);
  if (!each || !view.includes(at) || each.figure.dataset.state === "loading") return;
  const { chart } = each;
  if (!chart.step_s && isNext(chart, at)) chart.append(at, value, config.interval_s);
  else if (clock.now() - each.loaded >= Math.min(REFRESH_S, (chart.step_s ?? 0) / 5)) load(each);
}

/** Tell whether nothing can be missing between a chart's end and a moment: a page may have been hidden or without network. */
function isNext(chart, at) {
  return !chart.isEmpty && at - chart.starts.at(-1) < MISSED_AFTER * config.interval_s;
}

/** Tell whether a value is outside today's low and high as the page says them. */
function isRecord(field, value) {
  const words = document.querySelector(`#today-${field.number} [data-low]`)?.dataset;
  return !words || value < Number(words.low) || value > Number(words.high);
}

function done() {
  if (!panels.length && view.includes(clock.now())) location.reload();
  else if (clock.now() - refreshed >= REFRESH_S) refresh();
}

/** The server answers again: whatever came meanwhile fills its hole. */
function regained() {
  panels.forEach(load);
  refreshed = 0;
}

for (const button of document.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => zoom(button.dataset.zoom === "in" ? 0.5 : 2));
}
back?.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  view.back();
});
// Readings travel while the charts are drawn.
panels.forEach(load);
panels.forEach(draw);
new Live(config, clock, moments, { arrived, done, regained }).start();
