// Reads a chart at its cursor, by mouse, finger, keyboard and screen reader.

import { gettext, interpolate } from "../lib/translations.js";

export class Reader {
  constructor(figure, moments) {
    this.figure = figure;
    this.moments = moments;
    this.plot = figure.querySelector(".plot");
    this.readout = figure.querySelector(".readout");
  }

  /** Follow a chart: arrows move its cursor; `keys` handles the other keys. */
  follow(chart, keys) {
    this.chart = chart;
    this.plot.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const key = event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key;
      const action = keys[key] ?? this._keys()[key];
      if (!action) return;
      event.preventDefault();
      action();
    });
    this.plot.addEventListener("blur", () => this.leave());
  }

  /** Tell the reading at an index for the cursor at a moment, or fall silent. */
  read(index, at) {
    if (!this.chart) return;
    this.figure.classList.toggle("is-read", index !== null);
    if (index !== null) this._tell(index, at);
  }

  _tell(index, at) {
    const point = this.chart.isNear(index, at) ? this.chart.at(index) : null;
    const [value, more, when] = point ? this._words(point) : this._nothing(at);
    this._show(value, when ? `${more} · ${when}` : "");
    this._say(index, when ? `${when}: ${value}${more}` : value);
  }

  /** Read the chart so many pixels from the left. */
  point(left) {
    this._move(Math.min(this.chart.uplot.over.clientWidth, Math.max(0, left)));
  }

  leave() {
    this._move(-10);
  }

  _say(index, words) {
    const [first, last] = this.chart.indices;
    this.plot.setAttribute("aria-valuemax", Math.max(0, last - first));
    this.plot.setAttribute("aria-valuenow", index - first);
    this.plot.setAttribute("aria-valuetext", words);
  }

  _show(value, more) {
    const [bold, quiet] = [document.createElement("b"), document.createElement("span")];
    bold.textContent = value;
    quiet.textContent = more;
    this.readout.replaceChildren(bold, quiet);
  }

  /** "12.1 °C", " (11.8 to 12.3), before 10.3 °C", "Sun 22 Nov, 14:00 to 15:00" */
  _words(point) {
    return [this.chart.written(point.mean), this.chart.spread(point) + this._before(point), this._when(point)];
  }

  /** The words for a moment without a reading: the value of the compared period. */
  _nothing(at) {
    const more = this._before({ before: this.chart.compared?.at(at) ?? null });
    return [this.chart.nothing, more, more && this.moments.at(at, this.chart.view.span_s)];
  }

  _when({ start, step_s }) {
    const span_s = this.chart.view.span_s;
    return step_s ? this.moments.between(start, start + step_s, span_s) : this.moments.at(start, span_s);
  }

  _before({ before }) {
    if (before === null) return "";
    return interpolate(gettext(", before %(value)s"), { value: this.chart.written(before) });
  }

  _keys() {
    const [first, last] = this.chart.indices;
    const own = this.chart.uplot.cursor.idx;
    const leap = Math.max(1, Math.round((last - first) / 10));
    const to = (wanted) => () => this._moveTo(Math.min(last, Math.max(first, wanted)));
    const [earlier, later] = [own ?? last + 1, own ?? first - 1];
    return {
      ArrowLeft: to(earlier - 1), ArrowDown: to(earlier - 1), ArrowRight: to(later + 1), ArrowUp: to(later + 1),
      PageDown: to(earlier - leap), PageUp: to(later + leap), Home: to(first), End: to(last),
    };
  }

  _moveTo(index) {
    const at = this.chart.timeOf(index);
    if (at !== undefined) this._move(this.chart.uplot.valToPos(at, "x"));
  }

  _move(left) {
    this.chart.uplot.setCursor({ left, top: left < 0 ? -10 : this.chart.uplot.over.clientHeight / 2 }, true, true);
  }
}
