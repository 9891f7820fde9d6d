// What has been loaded of one field. The newest lies on top; what was there before goes on showing beside it until
// something newer covers it, so that a chart that moves never empties.

const MOST = 4;
const NAMES = ["time", "high", "low", "mean", "start", "step"];

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

  /** Add a point behind the newest layer's last. */
  push(point) {
    for (const name of NAMES) this.newest[name].push(point[name]);
    this.newest.end = Math.max(this.newest.end, point.time + 1);
    this._merge();
  }

  /** The first and the last index between two moments, both included; the last is smaller where there is none. */
  within(start, end) {
    return [count(this.time, (at) => at < start), count(this.time, (at) => at <= end) - 1];
  }

  /** Columns of everything, each a property by its name. */
  _merge() {
    const pieces = this.layers.slice(0, 1);
    let [start, end] = [this.newest?.start, this.newest?.end];
    for (const layer of this.layers.slice(1)) {
      if (layer.end < start || layer.start > end) continue; // Nobody knows what lies between.
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

/** How many of a sorted column are so: all of them stand before the others. */
export function count(column, isSo) {
  let [low, high] = [0, column.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(column[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
