// The figure of several lines: Panel's chart, readings and reader for more than one field.

import { LinesChart } from "./lines_chart.js";
import { LinesReader } from "./lines_readout.js";
import { Panel } from "./panel.js";

export class LinesPanel extends Panel {
  constructor(figure, config, moments, view) {
    super(figure, config, moments, view);
    this.reader = new LinesReader(figure, moments);
  }

  _chart(listeners) {
    return new LinesChart(this.plot, this.config.lines, this.moments, this.view, listeners);
  }

  async _take(stretch, signal) {
    const every = await Promise.all(this.config.lines.map((line) => this._ask(line, stretch, 0, signal)));
    this.loaded = this.view.clock.now();
    this.chart.setEvery(stretch, every);
    this._setState(this.chart.isEmpty ? "empty" : "ready");
  }
}
