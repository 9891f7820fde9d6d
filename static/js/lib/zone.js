// A zone's clocks, on days of 23, 24 and 25 hours. Moments are Unix seconds; a day is counted from 1 January 1970.

export const DAY_S = 86_400;
// Zones set their clocks at quarters of an hour, by less than this, and not twice within it.
const QUARTER_S = 900;
const FAR_S = 3 * 3600;

export class Zone {
  constructor(name) {
    this.name = name;
    const [number, two] = ["numeric", "2-digit"];
    const parts = { year: number, month: number, day: number, hour: two, minute: two, second: two, hourCycle: "h23" };
    this.clocks = new Intl.DateTimeFormat("en-GB", { timeZone: name, ...parts });
    this.offsets_s = new Map();
  }

  /** The clocks' offset from UTC, in seconds. */
  offset(at) {
    const day = Math.floor(at / DAY_S) * DAY_S;
    const before = this._asked(day);
    return before === this._asked(day + DAY_S) ? before : this._asked(Math.floor(at / QUARTER_S) * QUARTER_S);
  }

  /** The time on the clocks, as if they were UTC's. */
  wall(at) {
    return at + this.offset(at);
  }

  dayOf(at) {
    return Math.floor(this.wall(at) / DAY_S);
  }

  /** The moment at which a day begins, even if the clocks skip its midnight or pass it twice. */
  midnight(day) {
    const wall = day * DAY_S;
    const begun = wall - this.offset(wall - this.offset(wall) - FAR_S);
    return this.wall(begun) >= wall ? begun : wall - this.offset(begun);
  }

  /** Tell whether the clocks are set on the day of a moment. */
  isSetOn(at) {
    const day = this.dayOf(at);
    return this.midnight(day + 1) - this.midnight(day) !== DAY_S;
  }

  /** Tell whether the clocks show the same time twice, before or after this moment. */
  isRepeated(at) {
    const own = this.offset(at);
    const others = [this.offset(at - FAR_S), this.offset(at + FAR_S)];
    return others.some((other) => other !== own && this.offset(at + own - other) === other);
  }

  /** Each offset is computed only once: it is costly. */
  _asked(at) {
    if (!this.offsets_s.has(at)) {
      const parts = this.clocks.formatToParts(new Date(at * 1000));
      const { year, month, day, hour, minute, second } = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
      this.offsets_s.set(at, Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - at);
    }
    return this.offsets_s.get(at);
  }
}
