// Rain and other sums as bars, each from the start of its hour, day or month to its end. Columns are in shown units.

import { Compared } from "./comparison.js";
import { FieldChart } from "./field_chart.js";
import { Layers } from "./layers.js";
import { Height } from "./value_axis.js";
import { convert } from "../lib/units.js";

// A bucket's usual length in seconds: a page asks for newer sums by it.
const STEPS_S = { quarter: 900, hour: 3600, day: 86_400, month: 30 * 86_400 };
const AIR = 0.08; // above the highest bar, as a share of it
const BETWEEN = 0.12; // of a bar's width is left free beside it
// Some rain is not no rain: readings/charts/bars.py.
const LEAST_HEIGHT_PX = 2;

export class BarChart extends FieldChart {
  /** With a wider stretch, the server would sum up longer times than the view needs. */
  get hasMargins() {
    return false;
  }

  setSeries({ start, end }, series) {
    const { begin, step, mean } = columnsOf(this.field, series);
    const middle = (at, index) => (Math.max(at, start) + Math.min(at + step[index], end)) / 2;
    // Whole buckets cover what older layers have of them.
    const stretch = { start: Math.min(start, begin[0] ?? start), end: Math.max(end, series.until.at(-1) ?? end) };
    const columns = { time: begin.map(middle), begin, step, mean, low: [...mean], high: [...mean] };
    const step_s = STEPS_S[series.per];
    // A day's bar would stand across those of its hours.
    if (this.layers.newest && this.layers.newest.step_s !== step_s) this.layers = new Layers();
    this.layers.add({ ...stretch, step_s, ...columns });
    this.release();
  }

  get isEmpty() {
    const { begin, step } = this.layers;
    return !begin.some((at, index) => at < this.view.end && at + step[index] > this.view.start);
  }

  /** Whether a moment is within the bar at an index. */
  isNear(index, at) {
    const { begin, step } = this.layers;
    return begin[index] <= at && at < begin[index] + step[index];
  }

  _pointed(index, at) {
    const { begin, step } = this.layers;
    if (at < begin[0] || at >= begin.at(-1) + step.at(-1)) return null;
    return [index, index - 1, index + 1].find((each) => this.isNear(each, at)) ?? index;
  }

  _height() {
    return new FromZero(this.field, () => this._draw());
  }

  _compared() {
    return this.view.shift_s ? new ComparedBars(this) : null;
  }

  _options(timeAxis, listeners) {
    return { ...super._options(timeAxis, listeners), bands: [] };
  }

  _series() {
    const none = { paths: () => null, points: { show: false } };
    const bars = { paths: (own) => ({ fill: this._path(own), stroke: null, flags: 0 }), points: { show: false } };
    return [{}, none, none, { ...bars, width: 0, fill: () => this.colour("--series") }];
  }

  _path({ valToPos, bbox }) {
    const { begin, step, mean } = this.layers;
    return bars({ begin, step, mean }, (at) => valToPos(at, "x", true), (value) => valToPos(value, "y", true), bbox);
  }

  _cursor(listeners) {
    return { ...super._cursor(listeners), points: { show: false } };
  }
}

/** An axis from 0. */
class FromZero extends Height {
  _wanted(low, high) {
    return [0, Math.max((high ?? 0) * (1 + AIR), 10 * 10 ** -this.field.decimals)];
  }
}

/** The bars of another period, as dashed outlines. */
class ComparedBars extends Compared {
  setSeries(series, shift_s) {
    const columns = columnsOf(this.chart.field, series);
    this.begin = columns.begin.map((at) => at + shift_s);
    this.time = this.begin.map((at, index) => at + columns.step[index] / 2);
    Object.assign(this, { step: columns.step, mean: columns.mean, step_s: STEPS_S[series.per] });
  }

  at(moment) {
    const index = this.time.findIndex((_, each) => this.begin[each] <= moment && moment < this.begin[each] + this.step[each]);
    return index < 0 ? null : this.mean[index];
  }

  _path(x, y, bbox) {
    return bars(this, x, y, bbox);
  }
}

function columnsOf(field, { time, until, sum }) {
  const mean = sum.map((value) => convert(field, value));
  return { begin: [...time], step: time.map((at, index) => until[index] - at), mean };
}

/** The bars of columns, as a path on a canvas. */
function bars({ begin, step, mean }, x, y, { top, height }) {
  const path = new Path2D();
  const bottom = top + height;
  begin.forEach((at, index) => {
    if (mean[index] <= 0) return;
    const [left, right] = [x(at), x(at + step[index])];
    const beside = ((right - left) * BETWEEN) / 2;
    const high = Math.max(bottom - y(mean[index]), LEAST_HEIGHT_PX * devicePixelRatio);
    path.rect(left + beside, bottom - high, Math.max(1, right - left - 2 * beside), high);
  });
  return path;
}
