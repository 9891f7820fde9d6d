// Several fields' means on one chart, each on the axis of its unit: FieldChart without bands. A dashed line has its axis
// at the right. Each line keeps its own moments; uPlot has them all, and draws through those of the others.

import { FieldChart, GAP_FACTOR, layerOf } from "./field_chart.js";
import { Height } from "./value_axis.js";
import { Layers, count, isValue, nearest } from "./layers.js";

const DASH = [7, 4];
// A line's gap reaches from its reading before to the one after, whatever other lines have between them.
const WIDE_GAPS = [0, 2];

export class LinesChart extends FieldChart {
  constructor(plot, lines, moments, view, listeners) {
    super(plot, { ...finest(lines, 0), lines }, moments, view, listeners);
  }

  get lines() {
    return this.field.lines;
  }

  show() {
    this.right?.hold();
    super.show();
  }

  release() {
    this.right?.release();
    super.release();
  }

  /** Take the server's columns of a stretch for each line. */
  setEvery(stretch, every) {
    this.lines.forEach((line, n) => this._own[n].add(layerOf(line, stretch, every[n])));
    this.joined = uPlot.join(this._own.map(({ time, mean }) => [time, mean]), this.lines.map(() => WIDE_GAPS));
    this.layers = new Together(this.joined[0]);
    this.release();
  }

  get isEmpty() {
    return this._own.every((layers) => layers.isEmptyBetween(this.view.start, this.view.end));
  }

  /** Each line's reading at an index, {start, step_s, mean} in shown units, or null. */
  at(index) {
    return this._own.map((layers, n) => {
      const near = this._nearest(n, this.layers.time[index]);
      return near === null ? null : { start: layers.begin[near], step_s: layers.step[near], mean: layers.mean[near] };
    });
  }

  /** The index of a line's own reading nearest to a moment, or null in a gap and beyond its ends. */
  _nearest(n, at) {
    const { time, mean, step } = this._own[n];
    // Raw readings are read until the next one is missing.
    const near = nearest(time, at, (index) => Math.max(step[index] ?? 0, GAP_FACTOR * this.lines[n].interval_s));
    return isValue(mean[near]) ? near : null;
  }

  get _own() {
    return (this.own ??= this.lines.map(() => new Layers()));
  }

  _columns() {
    return this.joined ?? [[], ...this.lines.map(() => [])];
  }

  _options(timeAxis, listeners) {
    const own = { ...super._options(timeAxis, listeners), bands: [] };
    if (!this.lines.some(({ axis }) => axis === 1)) return own;
    this.right = new Height(finest(this.lines, 1), () => this._draw());
    const right = { range: (_, low, high) => this.right.range(low ?? null, high ?? null) };
    const [time, left] = own.axes;
    const axes = [time, left, { ...left, scale: "right", side: 1, grid: { show: false } }];
    return { ...own, scales: { ...own.scales, right }, axes, padding: [own.padding[0], 0, 0, 0] };
  }

  _series() {
    return [{}, ...this.lines.map((line, n) => this._line(line, n))];
  }

  _line({ colour: number, axis }, n) {
    const colour = () => this.colour(`--series-${number}`);
    const points = { size: 6, width: 0, fill: colour, filter: (own, _, isShown) => (isShown ? null : this._dots(own, n)) };
    const dash = axis ? DASH : undefined;
    return { scale: axis ? "right" : "y", pxAlign: 0, width: 1.75, stroke: colour, dash, points };
  }

  /** The ends of a line's short stretches, as indices of all moments. */
  _dots(own, n) {
    const layers = this._own[n];
    const short = this._short(own, layers, layers.within(this.view.start, this.view.end));
    return short.map((index) => this._index(layers.time[index]));
  }

  _index(at) {
    return count(this.layers.time, (other) => other < at);
  }

  _cursor(listeners) {
    const own = super._cursor(listeners);
    const fill = (_, series) => this.colour(`--series-${this.lines[series - 1]?.colour ?? 1}`);
    return { ...own, points: { ...own.points, size: 10, width: 2, fill } };
  }

  /** The index at which a line's point is drawn for the cursor: that of its own nearest reading. */
  _pointed(index, at, series) {
    if (!this.isNear(index, at)) return null;
    if (series === 0) return index;
    const near = this._nearest(series - 1, this.layers.time[index]);
    return near === null ? null : this._index(this._own[series - 1].time[near]);
  }
}

/** All moments of all lines, in order, in the place of one field's layers. */
class Together extends Layers {
  constructor(time) {
    super();
    this.time = time;
  }
}

/** The field of an axis with the most decimals. */
function finest(lines, axis) {
  return lines.filter((line) => line.axis === axis).reduce((one, other) => (other.decimals > one.decimals ? other : one));
}
