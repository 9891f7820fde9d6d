// The marks of a chart's time axis, and their labels: round times and midnights of the station's clocks.

import { DAY_S } from "../lib/zone.js";

const [MINUTE_S, HOUR_S, MONTH_S, YEAR_S] = [60, 3600, 30 * DAY_S, 365 * DAY_S];
const QUARTER_S = 900;
const A_MONDAY = 4; // 5 January 1970

/** Distances of marks in seconds. Those of months and years stand for the calendar's. */
export const STEPS_S = [
  ...[1, 5, 15, 30, MINUTE_S, 5 * MINUTE_S, 10 * MINUTE_S, 15 * MINUTE_S, 30 * MINUTE_S],
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_S),
  ...[1, 2, 7, 14].map((days) => days * DAY_S),
  ...[1, 3, 6].map((months) => months * MONTH_S),
  ...[1, 2, 5, 10, 20, 50].map((years) => years * YEAR_S),
];

export class TimeAxis {
  constructor(moments) {
    this.moments = moments;
    this.zone = moments.zone;
  }

  /** The marks from one moment to another, both included. */
  marks(start, end, step_s) {
    if (step_s < DAY_S) return this._times(start, end, step_s);
    const [first, last] = [this.zone.dayOf(start), this.zone.dayOf(end)];
    const days = step_s < MONTH_S ? everyDay(first, last, step_s / DAY_S) : everyMonth(first, last, months(step_s));
    return days.map((day) => this.zone.midnight(day)).filter((at) => start <= at && at <= end);
  }

  /** The labels of marks: their time or day, and below it the day, month or year that began since the mark before. */
  labels(marks, step_s) {
    return marks.map((at, index) => {
      const below = [this._begun(at, marks[index - 1], step_s), this._clocks(at, step_s)].filter(Boolean).join(" ");
      return this.moments.named(nameOf(step_s), at) + (below && `\n${below}`);
    });
  }

  /** Round times of the clocks, each as often as it occurs: clocks are set at quarters of an hour. */
  _times(start, end, step_s) {
    const found = [];
    const tick_s = commonDivisor(step_s, QUARTER_S);
    for (let at = Math.ceil(start / tick_s) * tick_s; at <= end; at += tick_s) {
      const isRound = this.zone.wall(at) % step_s === 0;
      // If an hour comes twice, the second one is left out unless it has room.
      if (isRound && (!found.length || at - found.at(-1) >= 0.75 * step_s)) found.push(at);
    }
    return found;
  }

  _begun(at, before, step_s) {
    if (step_s >= YEAR_S) return "";
    const isNewYear = before === undefined || this._year(at) !== this._year(before);
    if (step_s >= DAY_S) return isNewYear ? this.moments.named("year", at) : "";
    if (isNewYear) return this.moments.named("date", at);
    return this.zone.dayOf(at) === this.zone.dayOf(before) ? "" : this.moments.named("dayOfMonth", at);
  }

  /** The name of the clocks' zone, for a time that comes twice. */
  _clocks(at, step_s) {
    return step_s < DAY_S && this.zone.isRepeated(at) ? this.zone.nameAt(at) : "";
  }

  _year(at) {
    return new Date(this.zone.wall(at) * 1000).getUTCFullYear();
  }
}

function nameOf(step_s) {
  if (step_s < DAY_S) return step_s < MINUTE_S ? "seconds" : "time";
  if (step_s < MONTH_S) return "dayOfMonth";
  return step_s < YEAR_S ? "month" : "year";
}

const months = (step_s) => (step_s < YEAR_S ? step_s / MONTH_S : (step_s / YEAR_S) * 12);

/** Days from one to another, so many apart. Steps of seven days give Mondays. */
function everyDay(first, last, apart) {
  const days = [];
  for (let day = first + modulo(A_MONDAY - first, apart); day <= last; day += apart) days.push(day);
  return days;
}

/** The first days of every so many months from one day to another, counted from January of the year 0. */
function everyMonth(first, last, apart) {
  const date = new Date(first * DAY_S * 1000);
  const days = [];
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
  for (let next = month - modulo(month, apart); (days.at(-1) ?? first) <= last; next += apart) days.push(Date.UTC(2000, next - 24_000) / DAY_S / 1000);
  return days;
}

const modulo = (value, by) => ((value % by) + by) % by;
const commonDivisor = (one, other) => (other === 0 ? one : commonDivisor(other, one % other));
