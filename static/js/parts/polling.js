// The newest values without a reload, while the page is visible: fetched when the next one is due.

import { getJson } from "../lib/api.js";
import { ago, showAges } from "../lib/times.js";
import { number, withUnit } from "../lib/units.js";
import { gettext } from "../lib/translations.js";

const AGES_EVERY_MS = 10_000;
// A report takes a moment to be stored, and a station's viewers should not all come at one instant.
const SETTLE_S = 2;
const SPREAD_S = 4;
const SOONEST_S = 5;
const OVERDUE_S = 60;
// There may be no report due for hours, but staff may rename the station, and its board may come back early.
const LATEST_S = 300;
const RETRY_S = 5;
const SLOWEST_RETRY_S = 120;
// A single failed poll may just be bad WiFi; the page says so after two.
const FAILURES_SHOWN = 2;
const STATUSES = {
  alive: gettext("Alive"),
  late: gettext("Late"),
  silent: gettext("Silent"),
  never: gettext("Never heard from"),
  imported: gettext("Imported"),
  inactive: gettext("Switched off"),
};

export class Live {
  /**
   * `arrived(field, at, value)` is called for each newer value, then `done()` once if there was any, and `regained()`
   * when the server answers again.
   */
  constructor(config, clock, moments, { arrived, done, regained }) {
    Object.assign(this, { config, clock, moments, arrived, done, regained, failures: 0 });
    this.heard_at = this._newest();
  }

  start() {
    this._schedule();
    const ask = () => document.hidden || this._poll();
    document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(this.timer) : this._poll()));
    // The device may be wrong about its network, and the server may still be reachable: a request finds out.
    for (const name of ["online", "offline"]) addEventListener(name, ask);
    setInterval(() => document.hidden || showAges(this.clock), AGES_EVERY_MS);
  }

  _schedule() {
    clearTimeout(this.timer);
    if (!document.hidden) this.timer = setTimeout(() => this._poll(), this._wait_s() * 1000);
  }

  /** Seconds until it makes sense to ask: shortly after a report is due, and less often the longer it is overdue. */
  _wait_s() {
    if (this.failures) return Math.min(SLOWEST_RETRY_S, RETRY_S * 2 ** (this.failures - 1)) * (0.5 + Math.random());
    const due_s = Math.min(this.heard_at, this.clock.now()) + this.config.interval_s + SETTLE_S - this.clock.now();
    const wait_s = due_s > 0 || !this.heard_at ? due_s : Math.min(OVERDUE_S, -due_s / 2);
    return Math.min(LATEST_S, Math.max(SOONEST_S, wait_s)) + Math.random() * SPREAD_S;
  }

  async _poll() {
    clearTimeout(this.timer);
    this.request?.abort();
    const own = (this.request = new AbortController());
    let station = null;
    try {
      station = await getJson(this.config.station_url, own.signal);
    } catch {
      if (own.signal.aborted) return;
    }
    this._count(station !== null);
    if (station) this._take(station);
    this._schedule();
  }

  _count(isAnswered) {
    const isBack = isAnswered && this.failures > 0;
    this.failures = isAnswered ? 0 : this.failures + 1;
    this._tell();
    if (isBack) this.regained();
  }

  _take(station) {
    // A clock was set back, or readings were removed: the page's own clock and its charts may be wrong as well.
    if (station.fields.some(({ number: of, newest }) => newest && this._isOlder(of, newest))) return location.reload();
    showStatus(told(station));
    this.heard_at = Date.parse(station.last_heard_at) / 1000 || 0;
    const newer = station.fields.filter(({ number: of, newest }) => newest && this._isNewer(of, newest));
    for (const { number: of, newest } of newer) this._takeValue(this._field(of), newest);
    if (newer.length) {
      this._showMeasured();
      this.done();
    }
    showAges(this.clock);
  }

  _newest() {
    return Math.max(0, ...this.config.fields.map((field) => field.newest_at ?? 0));
  }

  _field(of) {
    return this.config.fields.find((field) => field.number === of);
  }

  _isNewer(of, newest) {
    const field = this._field(of);
    return field !== undefined && Date.parse(newest.at) / 1000 > (field.newest_at ?? 0);
  }

  _isOlder(of, newest) {
    return Date.parse(newest.at) / 1000 < (this._field(of)?.newest_at ?? 0);
  }

  _takeValue(field, { value, at, plausible }) {
    field.newest_at = Date.parse(at) / 1000;
    const tile = document.querySelector(`.tile[data-field="${field.number}"]`);
    if (tile) showValue(tile, field, number(field, value), plausible);
    if (plausible) this.arrived(field, field.newest_at, value);
  }

  _showMeasured() {
    const [age, moment] = document.querySelectorAll("#measured time");
    if (!age) return;
    const newest = this._newest();
    for (const element of [age, moment]) element.dateTime = new Date(newest * 1000).toISOString();
    age.textContent = ago(this.clock.now() - newest);
    moment.textContent = this.moments.full(newest);
    for (const element of [age, moment]) element.title = moment.textContent;
  }

  _tell() {
    const line = document.getElementById("live");
    const failed = this.failures >= (navigator.onLine ? FAILURES_SHOWN : 1);
    const text = failed ? gettext("The server does not answer. Trying again.") : "";
    if (line && line.textContent !== text) line.textContent = text;
    line?.setAttribute("data-state", failed ? "failed" : "ready");
  }
}

function showValue(tile, field, text, plausible) {
  const value = tile.querySelector("[data-newest]");
  tile.querySelector("[data-implausible]").hidden = plausible;
  tile.querySelector("[data-old]")?.remove();
  if (value.textContent === text) return;
  value.textContent = text;
  value.classList.remove("is-new");
  requestAnimationFrame(() => value.classList.add("is-new"));
  // Announce only one value: the first field speaks for the station.
  if (tile.matches(":first-child")) document.getElementById("announce").textContent = `${field.name} ${withUnit(field, text)}`;
}

/** A station's status for people, as told_status() in stations/models/status.py. */
const told = ({ status, fields }) => (status === "never" && fields.some(({ newest }) => newest) ? "imported" : status);

function showStatus(status) {
  const mark = document.querySelector("#status .status");
  mark.className = `status status-${status}`;
  mark.textContent = STATUSES[status];
}
