// The page that compares fields: one chart of several lines, and a chart of each difference.

import { Controls } from "../parts/controls.js";
import "../parts/share.js";
import { Clock, Moments } from "../lib/times.js";
import { LinesPanel } from "../chart/lines_panel.js";
import { Panel } from "../chart/panel.js";
import { Zone } from "../lib/zone.js";

const SOONEST_S = 60;
// A new reading changes a chart by a pixel after about this share of the view.
const A_PIXEL = 1 / 500;

const config = JSON.parse(document.getElementById("chart").textContent);
const clock = new Clock(config.now);
const moments = new Moments(new Zone(config.zone));
const figures = [...document.querySelectorAll("figure.chart")];
const controls = new Controls(config, clock, (view) =>
  figures.map((figure) => new (figure.matches(".lines") ? LinesPanel : Panel)(figure, config, moments, view)),
);

/** Fetch everything again once a view of the present is old enough to look different. */
function refresh() {
  const { view } = controls;
  const due_s = Math.max(SOONEST_S, config.interval_s, view.span_s * A_PIXEL);
  if (document.hidden || !view.includes(clock.now()) || clock.now() - controls.refreshed < due_s) return;
  controls.load();
  controls.refresh();
}

controls.start();
setInterval(refresh, SOONEST_S * 1000);
document.addEventListener("visibilitychange", refresh);
