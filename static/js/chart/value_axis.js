// The range of a chart's value axis: it stays still while the view moves, and then glides to the readings' range.

const EASE_MS = 180;
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Height {
  /** `redraw()` is called for each next frame of a glide. */
  constructor(field, redraw) {
    Object.assign(this, { field, redraw, shown: null, isHeld: false, easing: null });
  }

  hold() {
    this.isHeld = true;
  }

  release() {
    if (this.isHeld && this.shown && !still.matches) this.easing = { from: this.shown, since: performance.now() };
    this.isHeld = false;
  }

  /** The range for readings with this low and high, which are null if there are none. */
  range(low, high) {
    if (this.isHeld && this.shown) return this.shown;
    const wanted = this._wanted(low, high);
    return (this.shown = this.easing ? this._eased(wanted) : wanted);
  }

  /** Some air around the line. Noise is not magnified, and a quantity that is never negative has no negative axis. */
  _wanted(low, high) {
    if (low === null || high === null) return this.shown ?? [0, 1];
    const least = 10 * 10 ** -this.field.decimals;
    // The last term: adding a tenth to a number of 17 digits changes nothing.
    const air = Math.max((high - low) * 0.08, (least - (high - low)) / 2, 1e-9 * Math.max(Math.abs(low), Math.abs(high)));
    const isShare = this.field.symbol === "%" && high <= 100;
    return [low >= 0 ? Math.max(0, low - air) : low - air, isShare ? Math.min(102, high + air) : high + air];
  }

  _eased(wanted) {
    const part = (performance.now() - this.easing.since) / EASE_MS;
    if (part >= 1) {
      this.easing = null;
      return wanted;
    }
    requestAnimationFrame(this.redraw);
    const left = (1 - part) ** 3;
    return wanted.map((value, index) => value + (this.easing.from[index] - value) * left);
  }
}

/** The number of decimals for marks at this distance: one for 2.5. */
export function decimals(step) {
  const isWhole = (value) => Math.abs(value - Math.round(value)) < 1e-6;
  return [0, 1, 2, 3, 4].find((count) => isWhole(step * 10 ** count)) ?? 5;
}
