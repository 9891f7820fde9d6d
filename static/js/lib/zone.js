// A zone's clocks by the server's rules, on days of 23, 24 and 25 hours. A browser has rules of its own, which may be
// older, or lack the zone. Moments are Unix seconds; a day is counted from 1 January 1970.

export const DAY_S = 86_400;
// Zones set their clocks by less than this, and not twice within it.
const FAR_S = 3 * 3600;

export class Zone {
  /** The clocks as readings/calendar/clocks.py gives them. The first ones hold before 1970 too, the last ones for ever. */
  constructor({ kinds, changes }) {
    this.starts = [];
    this.clocks = [];
    for (let index = 0; index < changes.length; index += 2) {
      this.starts.push((this.starts.at(-1) ?? 0) + changes[index]);
      this.clocks.push(kinds[changes[index + 1]]);
    }
  }

  /** The clocks' offset from UTC, in seconds. */
  offset(at) {
    return this._at(at)[0];
  }

  /** The name of the clocks' time: "CEST", "UTC+11:00". */
  nameAt(at) {
    return this._at(at)[1];
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

  _at(at) {
    let [low, high] = [0, this.starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= at) low = middle;
      else high = middle - 1;
    }
    return this.clocks[low];
  }
}
