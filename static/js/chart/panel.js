// A field's figure: its chart, the ways to read and move it, and its state.

import { getSeries } from "../lib/api.js";
import { BarChart } from "./bar_chart.js";
import { DirectionChart } from "./direction_chart.js";
import { FieldChart, pointsOf } from "./field_chart.js";
import { Gestures } from "./gestures.js";
import { Reader } from "./readout.js";
import { gettext, interpolate } from "../lib/translations.js";

// Margins beside the view, as a share of it, are loaded with it, so that a moved chart has their readings at once.
const MARGIN = 0.25;

// By the kind of a field. Others are lines.
const CHARTS = { amount: BarChart, counter: BarChart, direction: DirectionChart };

export class Panel {
  constructor(figure, config, moments, view) {
    Object.assign(this, { figure, config, moments, view, chart: null, loaded: 0, request: null });
    this.field = config.fields.find(({ number }) => String(number) === figure.dataset.field);
    this.plot = figure.querySelector(".plot");
    this.note = figure.querySelector(".plot-note");
    this.reader = new Reader(figure, moments);
  }

  get state() {
    return this.figure.dataset.state;
  }

  draw(keys) {
    const { view, reader } = this;
    const listeners = { zoom: (...stretch) => view.zoomTo(...stretch), back: () => view.back(), read: (...cursor) => reader.read(...cursor) };
    this.chart = this._chart(listeners);
    reader.follow(this.chart, keys);
    new Gestures(this.figure, this.chart, view, reader);
  }

  _chart(listeners) {
    const Chart = CHARTS[this.field.kind] ?? FieldChart;
    return new Chart(this.plot, this.field, this.moments, this.view, listeners);
  }

  /** Draw the loaded readings at once. */
  show() {
    this._endSketch();
    this.chart.show();
  }

  /** Fetch the readings of the view. A later call cancels an earlier one. */
  async load() {
    this.request?.abort();
    const own = (this.request = new AbortController());
    this._setState("loading");
    try {
      await this._take(this._stretch(), own.signal);
    } catch {
      if (!own.signal.aborted) this._setState("failed");
    }
  }

  async _take(stretch, signal) {
    const { shift_s } = this.view;
    const [series, before] = await Promise.all([this._ask(this.field, stretch, 0, signal), shift_s && this._ask(this.field, stretch, shift_s, signal)]);
    this.loaded = this.view.clock.now();
    if (before) this.chart.compared.setSeries(before, shift_s);
    this.chart.setSeries(stretch, series);
    this._setState(this.chart.isEmpty ? "empty" : "ready");
  }

  async _ask(field, { start, end, points }, shift_s, signal) {
    const asked = { start: Math.max(0, start - shift_s), end: Math.max(1, end - shift_s) };
    const series = await getSeries(field.series_url ?? this.config.series_url, field, asked, points, signal);
    // The mean of gusts would hide them.
    return field.kind === "maximum" ? { ...series, mean: series.max, min: series.max } : series;
  }

  /** The stretch to fetch: just the period when the page opens, and with margins after a viewer has moved. */
  _stretch() {
    const { start, end, span_s } = this.view;
    const points = pointsOf(this.plot);
    if (!this.loaded || !this.chart.hasMargins) return { start, end, points };
    const margin = Math.max(MARGIN * span_s, 2 * this.config.interval_s);
    return { start: start - margin, end: end + margin, points: Math.min(2000, Math.round(points * (1 + 2 * MARGIN))) };
  }

  _setState(state) {
    const { figure, plot, note } = this;
    figure.dataset.state = state;
    plot.setAttribute("aria-busy", state === "loading");
    if (state === "loading") return;
    if (state !== "failed") this._endSketch();
    const notes = { ready: [], empty: [gettext("No readings in this stretch of time")], failed: failure(() => this.load()) };
    note.replaceChildren(...notes[state]);
    plot.setAttribute("aria-valuetext", this._words(state));
    if (state === "failed") this.chart.release();
  }

  /** The server's drawing gives way to the chart's own. */
  _endSketch() {
    this.figure.querySelector(".sketch")?.remove();
  }

  _words(state) {
    if (state === "failed") return gettext("Not loaded");
    const stretch = this.moments.stretch(this.view.start, this.view.end);
    if (state === "empty") return interpolate(gettext("No readings, %(stretch)s"), { stretch });
    return interpolate(gettext("%(stretch)s. Use the arrow keys to read it"), { stretch });
  }
}

function failure(again) {
  const [words, button] = [document.createElement("p"), document.createElement("button")];
  words.textContent = gettext("The readings did not arrive.");
  button.textContent = gettext("Try again");
  button.type = "button";
  button.addEventListener("click", again);
  return [words, button];
}
