// The newest values without a reload, while somebody looks.

import { getJson } from "./api.js";
import { ago, showAges } from "./moments.js";
import { number, withUnit } from "./units.js";

const AGES_EVERY_MS = 10_000;
// Two polls that fail are bad WiFi; then the page says so.
const FAILURES_SHOWN = 2;
const STATUSES = { alive: "Alive", late: "Late", silent: "Silent", never: "Never heard from", inactive: "Switched off" };

export class Live {
  /** `arrived(field, at, value)` is called for each newer value, then `done()` once if there was any. */
  constructor(config, clock, moments, { arrived, done }) {
    Object.assign(this, { config, clock, moments, arrived, done, failures: 0 });
  }

  start() {
    this._schedule();
    document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(this.timer) : this._poll()));
    setInterval(() => document.hidden || showAges(this.clock), AGES_EVERY_MS);
  }

  _schedule() {
    clearTimeout(this.timer);
    if (!document.hidden) this.timer = setTimeout(() => this._poll(), this.config.live_s * 1000);
  }

  async _poll() {
    clearTimeout(this.timer);
    try {
      this._take(await getJson(this.config.station_url));
      this.failures = 0;
    } catch {
      this.failures += 1;
    }
    this._tell();
    this._schedule();
  }

  _take(station) {
    showStatus(station.status);
    const newer = station.fields.filter(({ number: of, newest }) => newest && this._isNewer(of, newest));
    for (const { number: of, newest } of newer) this._takeValue(this._field(of), newest);
    if (newer.length) {
      this._showMeasured();
      this.done();
    }
    showAges(this.clock);
  }

  _field(of) {
    return this.config.fields.find((field) => field.number === of);
  }

  _isNewer(of, newest) {
    const field = this._field(of);
    return field !== undefined && Date.parse(newest.at) / 1000 > (field.newest_at ?? 0);
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
    const newest = Math.max(...this.config.fields.map((field) => field.newest_at ?? 0));
    for (const element of [age, moment]) element.dateTime = new Date(newest * 1000).toISOString();
    age.textContent = ago(this.clock.now() - newest);
    moment.textContent = this.moments.full(newest);
    for (const element of [age, moment]) element.title = moment.textContent;
  }

  _tell() {
    const line = document.getElementById("live");
    const failed = this.failures >= FAILURES_SHOWN;
    const text = failed ? "The server does not answer. Trying again." : "";
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
  // One voice: the first field speaks for the station.
  if (tile.matches(":first-child")) document.getElementById("announce").textContent = `${field.name} ${withUnit(field, text)}`;
}

function showStatus(status) {
  const mark = document.querySelector("#status .status");
  mark.className = `status status-${status}`;
  mark.textContent = STATUSES[status];
}
