// The loaded stretches of one field. The newest is on top. Older ones stay visible beside it until newer ones cover
// them, so that a moving chart is never empty.

const MOST = 4;
const NAMES = ["time", "high", "low", "mean", "begin", "step"];

export class Layers {
  constructor() {
    this.layers = [];
    this._merge();
  }

  get newest() {
    return this.layers[0];
  }

  /** Take a layer: {start, end} in Unix seconds, and columns of equal length by NAMES. */
  add(layer) {
    this.layers = [layer, ...this.layers].slice(0, MOST);
    this._merge();
  }

  /** Add a point after the newest layer's last. */
  push(point) {
    for (const name of NAMES) this.newest[name].push(point[name]);
    this.newest.end = Math.max(this.newest.end, point.time + 1);
    this._merge();
  }

  /** The first and the last index between two moments, both included; the last is smaller if there are none. */
  within(start, end) {
    return [count(this.time, (at) => at < start), count(this.time, (at) => at <= end) - 1];
  }

  /** Whether there is neither a value nor a line through between two moments. */
  isEmptyBetween(start, end) {
    const [first, last] = this.within(start, end);
    const { mean } = this;
    if (first > last) return !isValue(mean[first]) || !isValue(mean[last]);
    return !mean.slice(first, last + 1).some(isValue);
  }

  /** Merge all layers into columns, each a property by its name. */
  _merge() {
    const pieces = this.layers.slice(0, 1);
    let [start, end] = [this.newest?.start, this.newest?.end];
    for (const layer of this.layers.slice(1)) {
      if (layer.end < start || layer.start > end) continue; // The stretch between them is unknown.
      pieces.unshift(cut(layer, -Infinity, start));
      pieces.push(cut(layer, end, Infinity));
      [start, end] = [Math.min(start, layer.start), Math.max(end, layer.end)];
    }
    for (const name of NAMES) this[name] = pieces.flatMap((piece) => piece[name]);
  }
}

function cut(layer, start, end) {
  const [from, to] = [count(layer.time, (at) => at < start), count(layer.time, (at) => at < end)];
  return Object.fromEntries(NAMES.map((name) => [name, layer[name].slice(from, to)]));
}

export const isValue = (value) => value !== null && value !== undefined;

/**
 * The index of a sorted column's moment that is nearest to another one, or null beyond the column's ends, farther than
 * `reach_s(index)`.
 */
export function nearest(time, at, reach_s) {
  const after = count(time, (own) => own < at);
  const index = at - (time[after - 1] ?? -Infinity) < (time[after] ?? Infinity) - at ? after - 1 : after;
  const isWithin = after > 0 && after < time.length;
  return isWithin || Math.abs(at - time[index]) <= reach_s(index) ? index : null;
}

/** Count the values of a sorted column that pass a test: all of them come before the others. */
export function count(column, isSo) {
  let [low, high] = [0, column.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(column[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
