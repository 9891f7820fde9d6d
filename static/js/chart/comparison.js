// Another stretch of time beneath a chart's own, shifted onto it: a thin dashed line of its means.

import { nearest } from "./layers.js";
import { convert } from "../lib/units.js";

export class Compared {
  constructor(chart) {
    Object.assign(this, { chart, time: [], mean: [], step_s: 0 });
  }

  /** Take the server's columns of a stretch that is so many seconds before. */
  setSeries({ step_s, time, mean }, shift_s) {
    this.step_s = step_s ?? 0;
    this.time = time.map((at) => at + shift_s + this.step_s / 2);
    this.mean = mean.map((value) => convert(this.chart.field, value));
  }

  /** Its value at one of the chart's moments, or null. */
  at(moment) {
    const index = nearest(this.time, moment, () => this.step_s);
    return index === null ? null : this.mean[index];
  }

  /** A chart's low and high, widened to include its own. */
  extended(low, high) {
    const { start, end } = this.chart.view;
    const own = this.mean.filter((value, index) => value !== null && this.time[index] >= start && this.time[index] <= end);
    const all = [low, high, ...own].filter((value) => value !== null);
    return all.length ? [Math.min(...all), Math.max(...all)] : [null, null];
  }

  get dash() {
    return [5, 4];
  }

  draw({ ctx, bbox, valToPos }) {
    if (!this.time.length) return;
    const scale = devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.strokeStyle = this.chart.colour("--muted");
    ctx.lineWidth = 1.25 * scale;
    ctx.setLineDash(this.dash.map((length) => length * scale));
    ctx.stroke(this._path((at) => valToPos(at, "x", true), (value) => valToPos(value, "y", true), bbox));
    ctx.restore();
  }

  _path(x, y) {
    const path = new Path2D();
    this.mean.forEach((value, index) => {
      if (value === null) return;
      const isBegun = index > 0 && this.mean[index - 1] !== null;
      path[isBegun ? "lineTo" : "moveTo"](x(this.time[index]), y(value));
    });
    return path;
  }
}
