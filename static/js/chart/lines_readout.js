// Reads several lines at the cursor: their values take the places of their figures in the legend.

import { withUnit, written } from "../lib/units.js";
import { gettext } from "../lib/translations.js";
import { Reader } from "./readout.js";

export class LinesReader extends Reader {
  _tell(index, at) {
    const found = this.chart.isNear(index, at) ? this.chart.at(index) : [];
    const when = this._when(found.find(Boolean) ?? { start: at, step_s: null });
    const values = this.chart.lines.map((line, n) => [line, found[n] ? withUnit(line, written(found[n].mean, line.decimals)) : ""]);
    for (const [line, value] of values) this._place(line).textContent = value || "–";
    this._show(when, "");
    this._say(index, [when, ...values.map(([line, value]) => `${line.name}: ${value || gettext("No reading")}`)].join("; "));
  }

  _place({ number }) {
    return this.figure.querySelector(`[data-line="${number}"] .at`);
  }
}
