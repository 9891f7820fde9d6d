// Reads a chart at its cursor, by mouse, finger, keyboard and screen reader.

import { withUnit, written } from "./units.js";
import { gettext, interpolate } from "./words.js";

export class Reader {
  constructor(figure, moments) {
    this.figure = figure;
    this.moments = moments;
    this.plot = figure.querySelector(".plot");
    this.readout = figure.querySelector(".readout");
  }

  /** Follow a chart: arrows move its cursor, and so does a finger; the rest of the keys are `keys`. */
  follow(chart, keys) {
    this.chart = chart;
    const over = chart.uplot.over;
    const touch = (event) => event.pointerType === "touch" && this._move(event.clientX - over.getBoundingClientRect().left);
    over.addEventListener("pointerdown", touch);
    over.addEventListener("pointermove", touch);
    this.plot.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const action = this._keys()[event.key] ?? keys[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    });
    this.plot.addEventListener("blur", () => this._move(-10));
  }

  /** Say what stands at an index, or fall silent. */
  read(index) {
    if (!this.chart) return;
    const point = index === null ? null : this.chart.at(index);
    this.figure.classList.toggle("is-read", index !== null);
    if (index === null) return;
    const [when, value] = point ? [this._when(point), this._value(point)] : ["", gettext("No reading")];
    this.readout.replaceChildren(...this._pieces(when, value, point));
    this.plot.setAttribute("aria-valuemax", Math.max(0, this.chart.length - 1));
    this.plot.setAttribute("aria-valuenow", index);
    this.plot.setAttribute("aria-valuetext", point ? `${when}: ${value}${this._spread(point)}` : value);
  }

  _pieces(when, value, point) {
    const [bold, quiet] = [document.createElement("b"), document.createElement("span")];
    bold.textContent = value;
    quiet.textContent = point ? ` ${this._spread(point)} ${when}` : when;
    return [bold, quiet];
  }

  _when({ start, step_s }) {
    const span = this.chart.view.end - this.chart.view.start;
    return step_s ? this.moments.between(start, start + step_s, span) : this.moments.at(start, span);
  }

  _value({ mean }) {
    return withUnit(this.chart.field, written(mean, this.chart.field.decimals));
  }

  _spread({ step_s, low, high }) {
    const { decimals } = this.chart.field;
    const spread = { low: written(low, decimals), high: written(high, decimals) };
    return step_s ? interpolate(gettext(" (%(low)s to %(high)s)"), spread) : "";
  }

  _keys() {
    const last = this.chart.length - 1;
    const index = this.chart.uplot.cursor.idx;
    const leap = Math.max(1, Math.round(last / 10));
    const to = (wanted) => () => this._moveTo(Math.min(last, Math.max(0, wanted)));
    const from = index ?? last + 1;
    return {
      ArrowLeft: to(from - 1), ArrowDown: to(from - 1), ArrowRight: to((index ?? -1) + 1), ArrowUp: to((index ?? -1) + 1),
      PageDown: to(from - leap), PageUp: to((index ?? 0) + leap), Home: to(0), End: to(last),
    };
  }

  _moveTo(index) {
    const at = this.chart.columns[0][index];
    if (at !== undefined) this._move(this.chart.uplot.valToPos(at, "x"));
  }

  _move(left) {
    this.chart.uplot.setCursor({ left, top: left < 0 ? -10 : this.chart.uplot.over.clientHeight / 2 }, true, true);
  }
}
