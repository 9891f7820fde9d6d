// Wind directions as points on an axis of N E S W N: a line from 350 to 10 degrees would cross all of the others.

import { Compared } from "./comparison.js";
import { FieldChart, layerOf } from "./field_chart.js";
import { Height } from "./value_axis.js";
import { gettext, interpolate } from "../lib/translations.js";

const AXIS_DEG = [0, 90, 180, 270, 360];
// The 16 points, by the positions of their letters in “N E S W”: readings/display/compass.py.
const POINTS = ["0", "001", "01", "101", "1", "121", "21", "221", "2", "223", "23", "323", "3", "303", "03", "003"];
const DOT_PX = 4;
const TURN = 2 * Math.PI;
// Translators: the letters of north, east, south and west, such as N O S W in German.
const LETTERS = gettext("N E S W").split(" ");

/** The nearest of 16 points of the compass: “NNE” for 20 degrees. */
export function compassPoint(degrees) {
  return [...POINTS[Math.round((degrees / 360) * 16) % 16]].map((letter) => LETTERS[letter]).join("");
}

export class DirectionChart extends FieldChart {
  /** The column of lows holds the steadiness, from 0 to 1: a direction has no lowest value. */
  setSeries(stretch, { step_s, time, mean, steadiness }) {
    this.layers.add(layerOf(this.field, stretch, { step_s, time, mean, min: steadiness, max: mean }));
    this.release();
  }

  get nothing() {
    return gettext("Calm, or no reading");
  }

  /** "WSW (247°)" */
  written(degrees) {
    return `${compassPoint(degrees)} (${Math.round(degrees) % 360}°)`;
  }

  spread({ step_s, low: steadiness }) {
    if (!step_s || steadiness === null) return "";
    return interpolate(gettext(", steady %(percent)s"), { percent: `${Math.round(100 * steadiness)}\u202f%` });
  }

  _height() {
    return new Circle(this.field);
  }

  _compared() {
    return this.view.shift_s ? new ComparedDirections(this) : null;
  }

  _options(timeAxis, listeners) {
    return { ...super._options(timeAxis, listeners), bands: [] };
  }

  _axes(timeAxis) {
    const [time, degrees] = super._axes(timeAxis);
    const values = () => AXIS_DEG.map((_, index) => LETTERS[index % LETTERS.length]);
    return [time, { ...degrees, splits: () => AXIS_DEG, values }];
  }

  _series() {
    const none = { paths: () => null, points: { show: false } };
    const points = { show: true, size: DOT_PX, width: 0, fill: () => this.colour("--series") };
    return [{}, none, none, { paths: () => null, points }];
  }
}

/** An axis of all directions. */
class Circle extends Height {
  range() {
    return [AXIS_DEG[0], AXIS_DEG.at(-1)];
  }
}

/** The directions of another period, as rings. */
class ComparedDirections extends Compared {
  get dash() {
    return [];
  }

  _path(x, y) {
    const path = new Path2D();
    const radius = (DOT_PX / 2) * devicePixelRatio;
    this.mean.forEach((degrees, index) => {
      if (degrees === null) return;
      const [across, down] = [x(this.time[index]), y(degrees)];
      path.moveTo(across + radius, down);
      path.arc(across, down, radius, 0, TURN);
    });
    return path;
  }
}
