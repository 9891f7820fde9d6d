// A station's page: charts of one stretch of time, live.

import { Controls } from "../parts/controls.js";
import { Live } from "../parts/polling.js";
import "../parts/share.js";
import { Clock, Moments } from "../lib/times.js";
import { Panel } from "../chart/panel.js";
import { Zone } from "../lib/zone.js";

// Aggregated charts and the words around them need not be fresher than this.
const REFRESH_S = 300;
// In reporting intervals: a value farther from a chart's last reading may have others before it.
const MISSED_AFTER = 1.5;

const config = JSON.parse(document.getElementById("chart").textContent);
const clock = new Clock(config.now);
const moments = new Moments(new Zone(config.zone));
const figures = [...document.querySelectorAll("figure.chart")];
const controls = new Controls(config, clock, (view) => figures.map((figure) => new Panel(figure, config, moments, view)));
const { panels, view } = controls;

/** A newer value: a raw chart appends it; an aggregated one fetches again when its newest bucket has grown. */
function arrived(field, at, value) {
  if (isRecord(field, value)) controls.refreshed = 0;
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
  else if (clock.now() - controls.refreshed >= REFRESH_S) controls.refresh();
}

/** Tell whether a page of “today” or “this week”, an address without a date, was left open beyond its end. */
function isOver() {
  return view.isHome && clock.now() >= config.end && !/[?&](date|start|end)=/.test(location.search);
}

/** The server answers again: fetch everything that arrived meanwhile. */
function regained() {
  controls.load();
  controls.refreshed = 0;
}

controls.start();
new Live(config, clock, moments, { arrived, done, regained }).start();
