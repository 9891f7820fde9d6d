// The stretch of time that is shown, {start, end} in Unix seconds, and the address that holds it.

const SHORTEST_S = 60;
const HOUR_S = 3600;
const EARLIEST_S = 0;
const LATEST_S = 7_258_118_400; // 2200, as on the server.

const iso = (seconds) => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

/** `changed(view, address)` is called at each change, also when the viewer goes back. */
export class View {
  constructor(start, end, changed) {
    this.start = start;
    this.end = end;
    this.changed = changed;
    this.home = { start, end, address: withoutPreferences(location) };
    history.replaceState({ start, end }, "", this.home.address);
    addEventListener("popstate", ({ state }) => (state ? this._set(state) : location.reload()));
  }

  get span_s() {
    return this.end - this.start;
  }

  get isHome() {
    return this.start === this.home.start && this.end === this.home.end;
  }

  includes(moment) {
    return this.start <= moment && moment < this.end;
  }

  zoomTo(from, to) {
    const step = to - from > HOUR_S ? 60 : 1;
    let [start, end] = [Math.round(from / step) * step, Math.round(to / step) * step];
    if (end - start < SHORTEST_S) {
      start = Math.round((from + to - SHORTEST_S) / 2);
      end = start + SHORTEST_S;
    }
    this._go(Math.max(EARLIEST_S, start), Math.min(LATEST_S - 1, end));
  }

  /** Show so many times as much around a moment. */
  zoomBy(factor, centre = (this.start + this.end) / 2) {
    this.zoomTo(centre - (centre - this.start) * factor, centre + (this.end - centre) * factor);
  }

  back() {
    if (!this.isHome) this._go(this.home.start, this.home.end, this.home.address);
  }

  _go(start, end, address = `?start=${iso(start)}&end=${iso(end)}`) {
    if (start === this.start && end === this.end) return;
    history.pushState({ start, end }, "", address);
    this._set({ start, end });
  }

  _set({ start, end }) {
    this.start = start;
    this.end = end;
    this.changed(this);
  }
}

/** A link that is passed on says which time, and leaves units and language to whoever opens it. */
function withoutPreferences({ pathname, search }) {
  const query = new URLSearchParams(search);
  query.delete("units");
  query.delete("lang");
  return query.size === 0 || `${query}` === "" ? pathname : `?${query}`.replace(/%3A/g, ":");
}
