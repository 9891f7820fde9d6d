// The stretch of time that is shown, {start, end} in Unix seconds, and the address that holds it.

const SHORTEST_S = 60;
const HOUR_S = 3600;
const EARLIEST_S = 0;
const LATEST_S = 7_258_118_400; // 2200, as on the server.
// The share of the view that may be in the future, if the period itself ends before it.
const FUTURE = 0.05;

const iso = (seconds) => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

/** `moved(view)` is called at most once a frame during a move, `settled(view)` at each end, also after going back. */
export class View {
  constructor({ start, end, compare, query: fields }, clock, { moved, settled }) {
    Object.assign(this, { start, end, fields, clock, moved, settled, frame: 0 });
    // A viewer who zooms into a day beside the day before still sees the day before.
    this.shift_s = compare && Math.round(start - compare.start);
    const query = ownQuery();
    this.home = { start, end, address: `${query}` ? `?${query}`.replace(/%3A/g, ":") : location.pathname };
    history.replaceState({ start, end }, "", this.home.address);
    this.held = { start, end, search: location.search };
    addEventListener("popstate", ({ state }) => this._popped(state));
  }

  get span_s() {
    return this.end - this.start;
  }

  get isHome() {
    return this.held.start === this.home.start && this.held.end === this.home.end;
  }

  includes(moment) {
    return this.start <= moment && moment < this.end;
  }

  /** Show another stretch at once. The address follows when the move has ended. */
  move(from, to) {
    [this.start, this.end] = this._limited(from, to);
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.moved(this);
    });
  }

  /** Show a stretch that is `factor` times as long, around a moment. */
  moveBy(factor, centre) {
    const span_s = this.limitedSpan(this.span_s * factor);
    const start = centre - ((centre - this.start) / this.span_s) * span_s;
    this.move(start, start + span_s);
  }

  /** A move has ended: the address holds its end, and the history its start. */
  settle() {
    const step = this.span_s > 6 * HOUR_S ? 60 : 1;
    const start = Math.round(this.start / step) * step;
    const end = Math.max(start + SHORTEST_S, Math.round(this.end / step) * step);
    if (this.start === this.held.start && this.end === this.held.end) return;
    this._go(start, end, this._address(start, end));
  }

  zoomTo(from, to) {
    this.move(from, to);
    this.settle();
  }

  zoomBy(factor, centre = (this.start + this.end) / 2) {
    this.moveBy(factor, centre);
    this.settle();
  }

  /** Show a stretch that is later, or earlier, by a share of the view. */
  pan(part) {
    this.zoomTo(this.start + part * this.span_s, this.end + part * this.span_s);
  }

  back() {
    this._go(this.home.start, this.home.end, this.home.address);
  }

  _address(start, end) {
    const query = `?start=${iso(start)}&end=${iso(end)}`;
    if (this.fields) return `${query}&${this.fields}`;
    const compare = this.shift_s ? `&compare=${this.shift_s}` : "";
    const base = new URLSearchParams(location.search).get("gdd"); // The almanac's, which the viewer chose.
    return query + compare + (base ? `&gdd=${encodeURIComponent(base)}` : "");
  }

  _go(start, end, address) {
    if (start !== this.held.start || end !== this.held.end) history.pushState({ start, end }, "", address);
    this._set({ start, end });
  }

  _set({ start, end }) {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const isNew = start !== this.held.start || end !== this.held.end;
    const isElsewhere = start !== this.start || end !== this.end;
    Object.assign(this, { start, end, held: { start, end, search: location.search } });
    if (isNew) this.settled(this);
    else if (isElsewhere) this.moved(this);
  }

  _popped(state) {
    if (state) this._set(state);
    else if (location.search !== this.held.search) location.reload(); // Otherwise it is a link to a part of the page.
  }

  _limited(from, to) {
    const span_s = this.limitedSpan(to - from);
    const latest = Math.min(LATEST_S - 1, Math.max(this.home.end, this.clock.now() + FUTURE * span_s));
    const middle = (from + to) / 2;
    const start = Math.max(EARLIEST_S, Math.min(middle + span_s / 2, latest) - span_s);
    return [start, Math.min(start + span_s, latest)];
  }

  limitedSpan(span_s) {
    return Math.min(Math.max(span_s, SHORTEST_S), LATEST_S);
  }
}

/** A link that is passed on keeps the time, and leaves units and language to its reader. */
function ownQuery() {
  const query = new URLSearchParams(location.search);
  query.delete("units");
  query.delete("lang");
  return query;
}
