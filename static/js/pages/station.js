// A station's page: charts of one stretch of time, live.

import { Live } from "../parts/polling.js";
import { Clock, Moments } from "../lib/times.js";
import { Panel } from "../chart/panel.js";
import { swap } from "../parts/swap.js";
import { Zone } from "../lib/zone.js";
import { View } from "../chart/view.js";

// Aggregated charts and the words around them need not be fresher than this.
const REFRESH_S = 300;
// A moving view is loaded after it has rested for this long.
const RESTS_MS = 400;
const A_KEY_PANS = 0.25;
// In reporting intervals: a value farther from a chart's last reading may have others before it.
const MISSED_AFTER = 1.5;

const config = JSON.parse(document.getElementById("chart").textContent);
const clock = new Clock(config.now);
const moments = new Moments(new Zone(config.zone));
const view = new View(config, clock, { moved, settled });
const back = document.querySelector(".tools .back");
const panels = [...document.querySelectorAll("figure.chart")].map((figure) => new Panel(figure, config, moments, view));
const keys = {
  "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
  "Shift+ArrowLeft": () => view.pan(-A_KEY_PANS), "Shift+ArrowRight": () => view.pan(A_KEY_PANS),
  0: () => view.back(), Escape: () => view.back(),
};
let refreshed = clock.now();
let resting;

/** Show another stretch: the loaded readings at once, then the server's. */
function moved() {
  for (const panel of panels) panel.show();
  clearTimeout(resting);
  resting = setTimeout(load, RESTS_MS);
}

/** The view stays where it is, and the words around the charts follow it without moving them. */
function settled() {
  if (!panels.length) return location.reload();
  back.hidden = view.isHome;
  for (const panel of panels) panel.show();
  load();
  refresh(document.querySelector("figure.chart:is(:hover, :focus-within)") ?? panels[0].figure);
}

function load() {
  clearTimeout(resting);
  for (const panel of panels) panel.load();
}

async function refresh(still) {
  refreshed = clock.now();
  try {
    await swap(location.href, still);
  } catch {
    // The charts report the failure; these words wait for the next time.
  }
}

/** Show a stretch that is `factor` times as long, around the cursor if there is one. */
function zoom(factor) {
  const pointed = panels.map(({ chart }) => chart.uplot).find(({ cursor }) => cursor.left >= 0);
  view.zoomBy(factor, pointed?.posToVal(pointed.cursor.left, "x"));
}

/** A newer value: a raw chart appends it; an aggregated one fetches again when its newest bucket has grown. */
function arrived(field, at, value) {
  if (isRecord(field, value)) refreshed = 0;
  const panel = panels.find((one) => one.field === field);
  if (!panel || !view.includes(at) || panel.state === "loading") return;
  const { chart } = panel;
  if (!chart.step_s && isNext(chart, at)) chart.append(at, value, config.interval_s);
  else if (clock.now() - panel.loaded >= Math.min(REFRESH_S, (chart.step_s ?? 0) / 5)) panel.load();
}

/** Tell whether nothing is missing between a chart's end and a moment: the page may have been hidden or offline. */
function isNext(chart, at) {
  return !chart.isEmpty && at - chart.lastAt < MISSED_AFTER * config.interval_s;
}

/** Tell whether a value is outside today's low and high on the page. */
function isRecord(field, value) {
  const words = document.querySelector(`#today-${field.number} [data-low]`)?.dataset;
  return !words || value < Number(words.low) || value > Number(words.high);
}

function done() {
  if (isOver() || (!panels.length && view.includes(clock.now()))) location.reload();
  else if (clock.now() - refreshed >= REFRESH_S) refresh();
}

/** Tell whether a page of “today” or “this week”, an address without a date, was left open beyond its end. */
function isOver() {
  return view.isHome && clock.now() >= config.end && !/[?&](date|start|end)=/.test(location.search);
}

/** The server answers again: fetch everything that arrived meanwhile. */
function regained() {
  load();
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
// Readings are fetched while the charts are drawn.
for (const panel of panels) panel.load();
for (const panel of panels) panel.draw(keys);
new Live(config, clock, moments, { arrived, done, regained }).start();
