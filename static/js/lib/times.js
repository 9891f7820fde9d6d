// Moments in the station's zone, and ages in words. Moments are Unix seconds.

import { gettext, interpolate, language } from "./translations.js";

// freetemp/ages.py has the same.
const AGES_S = [["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3600], ["minute", 60]];
const [HOUR_S, DAY_S] = [3600, 86_400];
const AGES = new Intl.RelativeTimeFormat(language);

export function ago(seconds) {
  const found = AGES_S.find(([, unit]) => seconds >= unit);
  return found ? AGES.format(-Math.floor(seconds / found[1]), found[0]) : gettext("just now");
}

/** The server's clock, derived from this device's: a phone may be minutes off. */
export class Clock {
  constructor(serverNowMs) {
    const ahead_ms = serverNowMs - Date.now();
    this.ahead_ms = isOld() ? Math.max(0, ahead_ms) : ahead_ms;
  }

  now() {
    return (Date.now() + this.ahead_ms) / 1000;
  }
}

/** Tells whether the browser had this page already: the moment in it is an earlier one. */
function isOld() {
  const [{ transferSize, encodedBodySize } = {}] = performance.getEntriesByType("navigation");
  return transferSize < encodedBodySize;
}

const TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const FORMATS = {
  time: TIME,
  seconds: { ...TIME, second: "2-digit" },
  day: { weekday: "short", day: "numeric", month: "short" },
  date: { day: "numeric", month: "short", year: "numeric" },
  dayOfMonth: { day: "numeric", month: "short" },
  month: { month: "short" },
  year: { year: "numeric" },
  long: { day: "numeric", month: "long", year: "numeric" },
};

/** Writes moments of one zone, a Zone, in as much detail as a view of some length needs. */
export class Moments {
  constructor(zone) {
    this.zone = zone;
    this.made = {};
  }

  /** "14:05", "Sun 22 Nov, 14:05" or "22 Nov 2026, 14:05"; "02:30 CEST" on a day on which the clocks are set. */
  at(seconds, span_s) {
    const time = this._time(seconds, span_s);
    return span_s <= 1.1 * DAY_S ? time : `${this._day(seconds, span_s)}, ${time}`;
  }

  /** A bucket: "14:05 to 14:10", "Sun 22 Nov, 14:00 to 15:00", "22 Nov 2026", "16 Nov 2026 to 22 Nov 2026". */
  between(start, end, span_s) {
    if (end - start >= DAY_S) return this._days(start, end - 2 * HOUR_S, span_s); // A day may be an hour shorter.
    return interpolate(gettext("%(first)s to %(last)s"), { first: this.at(start, span_s), last: this._time(end, span_s) });
  }

  /** A stretch of time: "Sun 22 Nov, 14:00 to 16:00", "Sun 22 Nov, 00:00 to Mon 23 Nov, 00:00". */
  stretch(start, end) {
    const span_s = Math.max(end - start, 2 * DAY_S);
    const isOneDay = this.zone.dayOf(start) === this.zone.dayOf(end);
    const last = isOneDay ? this._time(end, span_s) : this.at(end, span_s);
    return interpolate(gettext("%(first)s to %(last)s"), { first: this.at(start, span_s), last });
  }

  full(seconds) {
    return `${this.named("long", seconds)}, ${this.named("time", seconds)}`;
  }

  /** A moment in one of FORMATS. */
  named(name, seconds) {
    return this._format(name).format(new Date(this.zone.wall(seconds) * 1000));
  }

  _time(seconds, span_s) {
    const time = this.named(span_s <= 600 ? "seconds" : "time", seconds);
    return this.zone.isSetOn(seconds) ? `${time} ${this.zone.nameAt(seconds)}` : time;
  }

  _days(start, end, span_s) {
    const [first, last] = [this._day(start, span_s), this._day(end, span_s)];
    return first === last ? first : interpolate(gettext("%(first)s to %(last)s"), { first, last });
  }

  _day(seconds, span_s) {
    return this.named(span_s > 40 * DAY_S ? "date" : "day", seconds).replace(/,/g, "");
  }

  /** Formats are kept: they are costly to make. They write the clocks' time as if it were UTC's. */
  _format(name) {
    return (this.made[name] ??= new Intl.DateTimeFormat(language, { timeZone: "UTC", ...FORMATS[name] }));
  }
}

/** Keep every `<time data-age>` up to date. */
export function showAges(clock) {
  for (const element of document.querySelectorAll("time[data-age]")) {
    element.textContent = ago(clock.now() - Date.parse(element.dateTime) / 1000);
  }
}
