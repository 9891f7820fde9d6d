// One field's history as a line with its band, by uPlot. Columns are in shown units; time is Unix seconds.

import { convert, written } from "./units.js";
import { language, pgettext } from "./words.js";

const [TIME, HIGH, LOW, MEAN] = [0, 1, 2, 3];
const AXIS_WIDTH = 56;
// The server's rule for a gap between raw readings: readings/series.py.
const GAP_FACTOR = 2.5;
const DAY = pgettext("date format", "{D} {MMM}");
const MONTHS = [...Array(12).keys()].map((month) => new Date(2026, month, 1).toLocaleDateString(language, { month: "short" }).replace(".", ""));
// Step of the axis in seconds, its label, and the label where a new year, month, day or minute begins.
const AXIS_LABELS = [
  [31_536_000, "{YYYY}", null, null, null, null, null, null, 1],
  [2_419_200, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [86_400, DAY, "\n{YYYY}", null, null, null, null, null, 1],
  [60, "{HH}:{mm}", `\n${DAY} {YYYY}`, null, `\n${DAY}`, null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", `\n${DAY} {YYYY}`, null, `\n${DAY}`, null, null, null, 1],
];

/** How many points a plot can show side by side. */
export const pointsOf = (plot) => Math.min(2000, Math.max(100, plot.clientWidth - AXIS_WIDTH));

export class FieldChart {
  /** `listeners`: zoom(start, end), back() and read(index or null). */
  constructor(plot, field, moments, view, listeners) {
    this.plot = plot;
    this.field = field;
    this.view = view;
    this.step_s = null;
    this.starts = [];
    this.columns = [[], [], [], []];
    this.uplot = new uPlot(this._options(moments, listeners), this.columns, plot);
    new ResizeObserver(() => this._resize()).observe(plot);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.uplot.redraw(false, true));
  }

  show(view) {
    this.view = view;
    this._draw();
  }

  /** Take the server's columns. A bucket is drawn at its middle; its start is kept for the reader. */
  setSeries({ step_s, time, mean, min, max }) {
    this.step_s = step_s;
    this.starts = time;
    const shown = (column) => column.map((value) => convert(this.field, value));
    this.columns = [time.map((at) => this._middle(at)), shown(max), shown(min), shown(mean)];
    this._draw();
  }

  /** Add a raw reading that has just arrived. */
  append(at, value, interval_s) {
    const last = this.starts.at(-1);
    if (last !== undefined && at <= last) return;
    if (last !== undefined && at - last > GAP_FACTOR * interval_s) this._push((at + last) / 2, null);
    this._push(at, convert(this.field, value));
    this._draw();
  }

  get isEmpty() {
    return this.columns[TIME].length === 0;
  }

  get length() {
    return this.columns[TIME].length;
  }

  /** What stands at an index: {start, step_s, mean, low, high} in shown units, or null in a gap. */
  at(index) {
    const mean = this.columns[MEAN][index];
    if (mean === null || mean === undefined) return null;
    return { start: this.starts[index], step_s: this.step_s, mean, low: this.columns[LOW][index], high: this.columns[HIGH][index] };
  }

  _push(at, shown) {
    this.starts.push(at);
    this.columns[TIME].push(at);
    for (const column of [HIGH, LOW, MEAN]) this.columns[column].push(shown);
  }

  _middle(at) {
    if (!this.step_s) return at;
    const [start, end] = [Math.max(at, this.view.start), Math.min(at + this.step_s, this.view.end)];
    return end > start ? (start + end) / 2 : at;
  }

  _draw() {
    this.uplot.setData(this.columns);
  }

  _resize() {
    const { clientWidth: width, clientHeight: height } = this.plot;
    if (width && height && (width !== this.uplot.width || height !== this.uplot.height)) this.uplot.setSize({ width, height });
  }

  _colour(name, alpha = "") {
    return getComputedStyle(this.plot).getPropertyValue(name).trim() + alpha;
  }

  _options(moments, listeners) {
    const colour = (name, alpha) => () => this._colour(name, alpha);
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { stroke: colour("--muted"), font, ticks: { show: false } };
    const grid = { stroke: colour("--line"), width: 1 };
    const edge = { width: 0, points: { show: false } };
    const pad = this.plot.clientHeight > 200 ? 12 : 8;
    return {
      width: this.plot.clientWidth,
      height: this.plot.clientHeight,
      padding: [pad, 24, 0, 0], // Room for half a label at the end.
      legend: { show: false },
      tzDate: (at) => moments.wall(at),
      fmtDate: (template) => uPlot.fmtDate(template, { MMM: MONTHS }),
      scales: { x: { range: () => [this.view.start, this.view.end] }, y: { range: (_, low, high) => this._range(low, high) } },
      axes: [
        { ...axis, grid: { show: false }, values: AXIS_LABELS, space: 64, size: 40, gap: 6 },
        { ...axis, grid, size: AXIS_WIDTH, space: 36, gap: 8, values: (_, splits, __, ___, step) => splits.map((at) => written(at, decimals(step))) },
      ],
      series: [{}, edge, edge, { width: 1.75, stroke: colour("--series"), points: { size: 4, width: 0, fill: colour("--series") } }],
      bands: [{ series: [HIGH, LOW], fill: colour("--series", "38") }],
      cursor: {
        y: false,
        sync: { key: "freetemp", scales: ["x", null] },
        drag: { x: true, y: false, setScale: false, dist: 6 },
        points: { size: (_, series) => (series === MEAN ? 10 : 0), fill: colour("--series"), stroke: colour("--surface"), width: 2 },
        bind: { dblclick: () => () => listeners.back() },
      },
      hooks: { setSelect: [(own) => this._selected(own, listeners)], setCursor: [(own) => listeners.read(own.cursor.idx ?? null)] },
    };
  }

  /** A drag ended in one chart; the others share its selection, and it alone speaks. */
  _selected(own, listeners) {
    const { left, width } = own.select;
    if (width < 6) return;
    const [start, end] = [left, left + width].map((pixel) => own.posToVal(pixel, "x"));
    own.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (own.cursor.event) listeners.zoom(start, end);
  }

  /** Some air around the line. Noise is not blown up to a storm, and what is never negative has no negative axis. */
  _range(low, high) {
    if (low === null || high === null) return [0, 1];
    const least = 10 * 10 ** -this.field.decimals;
    const air = Math.max((high - low) * 0.08, (least - (high - low)) / 2);
    return [low >= 0 ? Math.max(0, low - air) : low - air, this.field.symbol === "%" && high <= 100 ? Math.min(102, high + air) : high + air];
  }
}

const decimals = (step) => Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
