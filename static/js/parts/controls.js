// The controls of a page's charts: buttons, keys, and the view that all of its charts share.

import { swap } from "./swap.js";
import { View } from "../chart/view.js";

// A moving view is loaded after it has rested for this long.
const RESTS_MS = 400;
const A_KEY_PANS = 0.25;

export class Controls {
  /** `panels(view)` makes the panels of the page's figures. */
  constructor(config, clock, panels) {
    this.clock = clock;
    this.view = new View(config, clock, { moved: () => this._moved(), settled: () => this._settled() });
    this.panels = panels(this.view);
    this.back = document.querySelector(".tools .back");
    this.refreshed = clock.now();
  }

  /** Readings are fetched while the charts are drawn. */
  start() {
    this._listen();
    this.load();
    for (const panel of this.panels) panel.draw(this._keys());
  }

  load() {
    clearTimeout(this.resting);
    for (const panel of this.panels) panel.load();
  }

  /** Fetch the words around the charts. `still` keeps its place. */
  async refresh(still) {
    this.refreshed = this.clock.now();
    try {
      await swap(location.href, still);
    } catch {
      // The charts report the failure; these words wait for the next time.
    }
  }

  _listen() {
    for (const button of document.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => this._zoom(button.dataset.zoom === "in" ? 0.5 : 2));
    }
    this.back?.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.view.back();
    });
  }

  _keys() {
    const { view } = this;
    const zoom = (factor) => () => this._zoom(factor);
    return {
      "+": zoom(0.5), "=": zoom(0.5), "-": zoom(2),
      "Shift+ArrowLeft": () => view.pan(-A_KEY_PANS), "Shift+ArrowRight": () => view.pan(A_KEY_PANS),
      0: () => view.back(), Escape: () => view.back(),
    };
  }

  /** Show another stretch: the loaded readings at once, then the server's. */
  _moved() {
    for (const panel of this.panels) panel.show();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.load(), RESTS_MS);
  }

  /** The view stays where it is, and the words around the charts follow it without moving them. */
  _settled() {
    if (!this.panels.length) return location.reload();
    this.back.hidden = this.view.isHome;
    for (const panel of this.panels) panel.show();
    this.load();
    this.refresh(document.querySelector("figure.chart:is(:hover, :focus-within)") ?? this.panels[0].figure);
  }

  /** Show a stretch that is `factor` times as long, around the cursor if there is one. */
  _zoom(factor) {
    const pointed = this.panels.map(({ chart }) => chart.uplot).find(({ cursor }) => cursor.left >= 0);
    this.view.zoomBy(factor, pointed?.posToVal(pointed.cursor.left, "x"));
  }
}
