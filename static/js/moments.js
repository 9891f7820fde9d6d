// Moments in the station's zone, and ages in words. Moments are Unix seconds.

import { gettext, interpolate, language } from "./words.js";

// readings/templatetags/weather.py says the same.
const AGES_S = [["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3600], ["minute", 60]];
const DAY_S = 86_400;
const AGES = new Intl.RelativeTimeFormat(language);

export function ago(seconds) {
  const found = AGES_S.find(([, unit]) => seconds >= unit);
  return found ? AGES.format(-Math.floor(seconds / found[1]), found[0]) : gettext("just now");
}

/** The server's clock by this device's: a phone may be minutes off. */
export class Clock {
  constructor(serverNowMs) {
    this.ahead_ms = serverNowMs - Date.now();
  }

  now() {
    return (Date.now() + this.ahead_ms) / 1000;
  }
}

const TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const FORMATS = {
  time: TIME,
  seconds: { ...TIME, second: "2-digit" },
  day: { weekday: "short", day: "numeric", month: "short" },
  date: { day: "numeric", month: "short", year: "numeric" },
  long: { day: "numeric", month: "long", year: "numeric" },
  wall: { ...TIME, second: "2-digit", day: "numeric", month: "numeric", year: "numeric" },
};

/** Writes moments of one zone, with as much as a view of some length needs. */
export class Moments {
  constructor(zone) {
    this.zone = zone;
    this.made = {};
    this.offsets_ms = new Map();
  }

  /** "14:05", "Sun 22 Nov, 14:05" or "22 Nov 2026, 14:05". */
  at(seconds, span_s) {
    const time = this._write(span_s <= 600 ? "seconds" : "time", seconds);
    return span_s <= 1.1 * DAY_S ? time : `${this._day(seconds, span_s)}, ${time}`;
  }

  /** A bucket: "14:05 to 14:10", "Sun 22 Nov, 14:00 to 15:00", "22 Nov 2026, 00:00 to 23 Nov 2026, 00:00". */
  between(start, end, span_s) {
    const isShort = end - start < DAY_S;
    const [first, last] = [this.at(start, span_s), isShort ? this._write("time", end) : this.at(end, span_s)];
    return interpolate(gettext("%(first)s to %(last)s"), { first, last });
  }

  full(seconds) {
    return `${this._write("long", seconds)}, ${this._write("time", seconds)}`;
  }

  /** A Date whose local parts are the zone's, wherever the viewer is: what uPlot labels an axis by. */
  wall(seconds) {
    const local = new Date(seconds * 1000 + this._offset(seconds));
    return new Date(
      local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate(),
      local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds(), local.getUTCMilliseconds(),
    );
  }

  /** The zone's offset from UTC. Zones change theirs at quarters of an hour, so that each is asked for once. */
  _offset(seconds) {
    const quarter_ms = Math.floor(seconds / 900) * 900_000;
    if (!this.offsets_ms.has(quarter_ms)) {
      const parts = this._format("wall").formatToParts(new Date(quarter_ms));
      const { year, month, day, hour, minute, second } = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
      this.offsets_ms.set(quarter_ms, Date.UTC(year, month - 1, day, hour, minute, second) - quarter_ms);
    }
    return this.offsets_ms.get(quarter_ms);
  }

  _day(seconds, span_s) {
    return this._write(span_s > 40 * DAY_S ? "date" : "day", seconds).replace(/,/g, "");
  }

  _write(name, seconds) {
    return this._format(name).format(new Date(seconds * 1000));
  }

  /** Formats are dear to make. */
  _format(name) {
    return (this.made[name] ??= new Intl.DateTimeFormat(language, { timeZone: this.zone, ...FORMATS[name] }));
  }
}

/** Keep every `<time data-age>` true. */
export function showAges(clock) {
  for (const element of document.querySelectorAll("time[data-age]")) {
    element.textContent = ago(clock.now() - Date.parse(element.dateTime) / 1000);
  }
}
