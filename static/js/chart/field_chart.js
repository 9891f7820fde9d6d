// One field's history as a line with its band, by uPlot. Columns are in shown units; time is Unix seconds.

import { Compared } from "./comparison.js";
import { drawMarks } from "./marks.js";
import { STEPS_S, TimeAxis } from "./time_axis.js";
import { Height, decimals } from "./value_axis.js";
import { Layers, isValue } from "./layers.js";
import { gettext, interpolate } from "../lib/translations.js";
import { convert, withUnit, written } from "../lib/units.js";

const [HIGH, LOW, MEAN] = [1, 2, 3];
const AXIS_WIDTH = 56;
// On A4, in pixels: with more, letters would be too small; with fewer, lines would be too coarse.
const PAPER = { width: 940, height: 130 };
const PAPER_FIRST = { width: 940, height: 190 };
// The server's rule for a gap between raw readings: readings/history/series.py.
export const GAP_FACTOR = 2.5;
// A cursor farther than this beyond the end of the readings does not read the last one.
const NEAR_PX = 24;
// A shorter line is hardly seen: its ends are dots.
const LEAST_LINE_PX = 6;

/** The number of points that a plot can show side by side. */
export const pointsOf = (plot) => Math.min(2000, Math.max(100, plot.clientWidth - AXIS_WIDTH));

export class FieldChart {
  /** `listeners`: zoom(start, end), back() and read(index or null, moment). `view` is shared: show() follows it. */
  constructor(plot, field, moments, view, listeners) {
    Object.assign(this, { plot, field, view, layers: new Layers() });
    Object.assign(this, { compared: this._compared(), height: this._height() });
    this.uplot = new uPlot(this._options(new TimeAxis(moments), listeners), this._columns(), plot);
    new ResizeObserver(() => this._resize()).observe(plot);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.uplot.redraw(false, true));
    matchMedia("print").addEventListener("change", ({ matches }) => this._print(matches));
  }

  /** The time axis, as an element. */
  get axis() {
    return this.uplot.root.querySelector(".u-axis");
  }

  /** Draw the loaded readings in the present view. The height stays still until new readings have come. */
  show() {
    this.height.hold();
    this._draw();
  }

  /** Take the server's columns of a stretch. */
  setSeries(stretch, series) {
    this.layers.add(layerOf(this.field, stretch, series));
    this.release();
  }

  /** Let the height follow the readings again. */
  release() {
    this.height.release();
    this._draw();
  }

  /** Add a raw reading that has just arrived. */
  append(at, value, interval_s) {
    const last = this.lastAt;
    if (last !== undefined && at <= last) return;
    if (last !== undefined && at - last > GAP_FACTOR * interval_s) this._push((at + last) / 2, null);
    this._push(at, convert(this.field, value));
    this._draw();
  }

  /** Whether the view has neither a reading nor a line through it. */
  get isEmpty() {
    return this.layers.isEmptyBetween(this.view.start, this.view.end);
  }

  /** The moment of the last point, sent by the server or added since. */
  get lastAt() {
    return this.layers.newest?.time.at(-1);
  }

  /** The newest buckets' width in seconds, or null if readings are raw. */
  get step_s() {
    return this.layers.newest?.step_s ?? null;
  }

  /** The first and the last index in view; the last is smaller if there are none. */
  get indices() {
    return this.layers.within(this.view.start, this.view.end);
  }

  /** The reading at an index: {start, step_s, mean, low, high, before} in shown units, or null in a gap. */
  at(index) {
    const { begin, step, mean, low, high, time } = this.layers;
    if (!isValue(mean[index])) return null;
    const own = { start: begin[index], step_s: step[index], mean: mean[index], low: low[index], high: high[index] };
    return { ...own, before: this.compared?.at(time[index]) ?? null };
  }

  /** Whether the cursor at a moment points at an index, and not beyond the end of the readings. */
  isNear(index, at) {
    const { time } = this.layers;
    const away_px = (Math.abs(at - time[index]) / this.view.span_s) * this.uplot.over.clientWidth;
    return (time[0] <= at && at <= time.at(-1)) || away_px <= NEAR_PX;
  }

  timeOf(index) {
    return this.layers.time[index];
  }

  /** Whether what is beside the view is loaded with it. */
  get hasMargins() {
    return true;
  }

  /** The words where there is no value. */
  get nothing() {
    return gettext("No reading");
  }

  /** A shown value in words: "12.1 °C" */
  written(shown) {
    return withUnit(this.field, written(shown, this.field.decimals));
  }

  /** What else a bucket tells in words: " (11.8 to 12.3)" */
  spread({ step_s, low, high }) {
    const { decimals: count } = this.field;
    const spread = { low: written(low, count), high: written(high, count) };
    return step_s && spread.low !== spread.high ? interpolate(gettext(" (%(low)s to %(high)s)"), spread) : "";
  }

  _height() {
    return new Height(this.field, () => this._draw());
  }

  /** Another period beneath, if there is one. */
  _compared() {
    return this.view.shift_s ? new Compared(this) : null;
  }

  /** The index that the cursor reads at a moment, or null. `index` is the nearest; each series may have its own. */
  _pointed(index, at) {
    return this.isNear(index, at) ? index : null;
  }

  _push(at, shown) {
    this.layers.push({ time: at, begin: at, step: null, mean: shown, low: shown, high: shown });
  }

  _columns() {
    const { time, high, low, mean } = this.layers;
    return [time, high, low, mean];
  }

  _draw() {
    this.uplot.setData(this._columns());
  }

  /** Draw for paper in the colours of paper, and afterwards for the screen again. css/print.css fits it in. */
  _print(isPrinting) {
    const { clientWidth: width, clientHeight: height } = this.plot;
    const paper = this.plot.closest("figure").matches(":first-of-type") ? PAPER_FIRST : PAPER;
    this.uplot.setSize(isPrinting ? paper : { width, height });
    this.uplot.redraw(false, true);
  }

  _resize() {
    const { clientWidth: width, clientHeight: height } = this.plot;
    if (width && height && (width !== this.uplot.width || height !== this.uplot.height)) this.uplot.setSize({ width, height });
  }

  colour(name, alpha = "") {
    return getComputedStyle(this.plot).getPropertyValue(name).trim() + alpha;
  }

  _options(timeAxis, listeners) {
    return {
      width: this.plot.clientWidth,
      height: this.plot.clientHeight,
      padding: [this.plot.clientHeight > 200 ? 12 : 8, 24, 0, 0], // Room for half a label at the end.
      legend: { show: false },
      scales: {
        x: { time: false, range: () => [this.view.start, this.view.end] },
        y: { range: (_, low, high) => this.height.range(...(this.compared?.extended(low, high) ?? [low ?? null, high ?? null])) },
      },
      axes: this._axes(timeAxis),
      series: this._series(),
      bands: [{ series: [HIGH, LOW], fill: () => this.colour("--series", "38") }],
      cursor: this._cursor(listeners),
      hooks: {
        drawClear: [(own) => drawMarks(own, { field: this.field, colour: (...name) => this.colour(...name) })],
        drawAxes: [(own) => this.compared?.draw(own)],
        setSelect: [(own) => this._selected(own, listeners)],
        setCursor: [(own) => listeners.read(own.cursor.idx ?? null, own.posToVal(own.cursor.left, "x"))],
      },
    };
  }

  _axes(timeAxis) {
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { stroke: () => this.colour("--muted"), font, ticks: { show: false } };
    const time = {
      incrs: STEPS_S,
      splits: (_, __, start, end, step_s) => timeAxis.marks(start, end, step_s),
      values: (_, marks, __, ___, step_s) => timeAxis.labels(marks, step_s),
    };
    const grid = { stroke: () => this.colour("--line"), width: 1 };
    const values = (_, marks, __, ___, step) => marks.map((at) => written(at, decimals(step)));
    return [
      { ...axis, ...time, grid: { show: false }, space: 60, size: 40, gap: 6 },
      { ...axis, values, grid, size: AXIS_WIDTH, space: 36, gap: 8 },
    ];
  }

  _series() {
    const colour = () => this.colour("--series");
    const smooth = { pxAlign: 0 }; // Whole pixels would turn a slow change into steps.
    const edge = { ...smooth, width: 0, points: { show: false } };
    const points = { size: 6, width: 0, fill: colour, filter: (own, _, isShown) => (isShown ? null : this._short(own)) };
    return [{}, edge, edge, { ...smooth, width: 1.75, stroke: colour, points }];
  }

  /** Return the ends of stretches between gaps that are too short to be seen as lines. */
  _short(own, { mean, time } = this.layers, [first, last] = own.series[0].idxs) {
    const found = [];
    for (let begin = first; begin <= last; begin += 1) {
      if (!isValue(mean[begin])) continue;
      let end = begin;
      while (isValue(mean[end + 1]) && end < last) end += 1;
      const isWhole = !isValue(mean[begin - 1]) && !isValue(mean[end + 1]);
      const width_px = own.valToPos(time[end], "x") - own.valToPos(time[begin], "x");
      if (isWhole && width_px < LEAST_LINE_PX) found.push(...new Set([begin, end]));
      begin = end;
    }
    return found;
  }

  _cursor(listeners) {
    const ofMean = (size) => (_, series) => (series === MEAN ? size : 0);
    const points = { size: ofMean(10), width: ofMean(2), fill: () => this.colour("--series") };
    const isDrag = ({ button, shiftKey }) => button === 0 && !shiftKey;
    return {
      y: false,
      sync: { key: "freetemp", scales: ["x", null] },
      drag: { x: true, y: false, setScale: false, dist: 6 },
      points: { ...points, stroke: () => this.colour("--surface") },
      dataIdx: (_, series, index, at) => this._pointed(index, at, series),
      bind: {
        dblclick: () => () => listeners.back(),
        mousedown: (_, __, select) => (event) => isDrag(event) && select(event),
      },
    };
  }

  /** A drag has ended in one chart. The others share its selection, but only this chart reports it. */
  _selected(own, listeners) {
    const { left, width } = own.select;
    if (width < 6) return;
    const [start, end] = [left, left + width].map((pixel) => own.posToVal(pixel, "x"));
    own.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (own.cursor.event) listeners.zoom(start, end);
  }
}

/** A layer of a field's columns as the server sends them, in shown units. A bucket is drawn at its middle. */
export function layerOf(field, { start, end }, { step_s, time, mean, min, max }) {
  const shown = (column) => column.map((value) => convert(field, value));
  const middle = (at) => (step_s ? middleOf(Math.max(at, start), Math.min(at + step_s, end), at) : at);
  const columns = { time: time.map(middle), begin: [...time], step: time.map(() => step_s) };
  return { start, end, step_s, ...columns, mean: shown(mean), low: shown(min), high: shown(max) };
}

const middleOf = (start, end, otherwise) => (end > start ? (start + end) / 2 : otherwise);
