// Moves a view by wheel, fingers and mouse, and reads its chart by a finger.

const SLOP_PX = 8; // A pressing finger never stays quite still.
const PRESS_MS = 350;
const WHEEL_ENDS_MS = 350;
const LEAST_SPREAD_PX = 24;
// A notch of a wheel is about 100 px. A trackpad's pinch comes in pixels, as a wheel with Ctrl.
const ZOOM_PER_PX = { notch: 0.0025, pinch: 0.01 };
const PIXELS = [1, 33, 400]; // per unit of a wheel: pixels, lines, pages

export class Gestures {
  constructor(figure, chart, view, reader) {
    Object.assign(this, { figure, chart, view, reader, fingers: new Map(), mode: null });
    this.over = chart.uplot.over;
    this._followWheel();
    for (const target of [this.over, chart.axis]) this._followPointers(target);
  }

  /** The page must scroll: the wheel zooms only with Ctrl or Cmd, or after a click until the mouse leaves the chart. */
  _followWheel() {
    const { plot } = this.chart;
    const arm = (isArmed) => this.figure.classList.toggle("is-armed", isArmed);
    plot.addEventListener("click", ({ pointerType }) => arm(pointerType === "mouse"));
    plot.addEventListener("pointerleave", () => arm(false));
    plot.addEventListener("wheel", (event) => this._wheel(event), { passive: false });
  }

  _wheel(event) {
    const [x, y] = [event.deltaX, event.deltaY].map((delta) => delta * PIXELS[event.deltaMode]);
    const pans = event.shiftKey || Math.abs(x) > Math.abs(y);
    const withKey = event.ctrlKey || event.metaKey;
    if (!pans && !withKey && !this.figure.classList.contains("is-armed")) return;
    event.preventDefault();
    if (pans && !withKey) this._slide((x || y) / this.over.clientWidth);
    else this._zoom(y, event);
    clearTimeout(this.wheel);
    this.wheel = setTimeout(() => this.view.settle(), WHEEL_ENDS_MS);
  }

  _slide(part) {
    const { start, end, span_s } = this.view;
    this.view.move(start + part * span_s, end + part * span_s);
  }

  _zoom(delta, { ctrlKey, clientX }) {
    const isPinch = ctrlKey && Math.abs(delta) < 50;
    const factor = Math.exp(Math.max(-200, Math.min(200, delta)) * ZOOM_PER_PX[isPinch ? "pinch" : "notch"]);
    this.view.moveBy(factor, this._moment(this._left(clientX)));
  }

  _followPointers(target) {
    target.addEventListener("pointerdown", (event) => this._down(event));
    target.addEventListener("pointermove", (event) => this._move(event));
    target.addEventListener("pointerup", (event) => this._up(event));
    target.addEventListener("pointercancel", (event) => this._up(event));
    target.addEventListener("mousedown", (event) => event.button === 1 && event.preventDefault()); // It would scroll.
    // The page must not scroll under two fingers, or under one that reads.
    const own = (event) => event.cancelable && (event.touches.length > 1 || this.mode === "reading") && event.preventDefault();
    for (const name of ["touchstart", "touchmove"]) target.addEventListener(name, own, { passive: false });
  }

  /** A mouse pans by its middle button, with Shift, or on the axis. Any other drag goes to uPlot, and zooms. */
  _down(event) {
    const isTouch = event.pointerType !== "mouse";
    const isOnAxis = event.currentTarget !== this.over;
    if (!isTouch && event.button !== 1 && !(event.button === 0 && (event.shiftKey || isOnAxis))) return;
    if (!isTouch || isOnAxis) event.currentTarget.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, this._place(event));
    if (isTouch && this.fingers.size === 1 && !isOnAxis) this._wait(event.clientX);
    else this._begin();
  }

  /** One finger: its next move decides whether it reads or pans. A vertical move scrolls the page. */
  _wait(clientX) {
    this.mode = "waiting";
    this.press = setTimeout(() => {
      this.mode = "reading";
      this.reader.point(this._left(clientX));
    }, PRESS_MS);
  }

  _begin() {
    clearTimeout(this.press);
    if (this.mode) this.reader.leave();
    this.mode = "moving";
    this.figure.classList.add("is-moving");
    this.from = { start: this.view.start, span_s: this.view.span_s, ...this._grip() };
  }

  _move(event) {
    const from = this.fingers.get(event.pointerId);
    if (!from) return;
    const to = this._place(event);
    if (this.mode === "waiting") return this._decide(to.x - from.x, to.y - from.y);
    this.fingers.set(event.pointerId, to);
    if (this.mode === "reading") this.reader.point(to.x);
    if (this.mode === "moving") this._follow();
  }

  _decide(right, down) {
    if (Math.hypot(right, down) < SLOP_PX) return;
    clearTimeout(this.press);
    if (Math.abs(down) > Math.abs(right)) this.mode = "scrolling";
    else this._begin();
  }

  /** Keep the same moment under the middle of the fingers. */
  _follow() {
    const { start, span_s, middle, spread } = this.from;
    const grip = this._grip();
    const width = this.over.clientWidth;
    const moment = start + (middle / width) * span_s;
    const next_s = this.view.limitedSpan((span_s * spread) / grip.spread);
    const begin = moment - (grip.middle / width) * next_s;
    this.view.move(begin, begin + next_s);
  }

  _up(event) {
    if (!this.fingers.delete(event.pointerId)) return;
    clearTimeout(this.press);
    if (this.mode === "waiting" && event.type === "pointerup") this.reader.point(this._left(event.clientX));
    if (this.mode === "moving") this._end();
    if (!this.fingers.size) this.mode = null;
  }

  _end() {
    if (this.fingers.size) return this._begin();
    this.figure.classList.remove("is-moving");
    this.view.settle();
  }

  _grip() {
    const [one, other = one] = [...this.fingers.values()];
    const spread = one === other ? LEAST_SPREAD_PX : Math.max(LEAST_SPREAD_PX, Math.hypot(one.x - other.x, one.y - other.y));
    return { middle: (one.x + other.x) / 2, spread };
  }

  _place({ clientX, clientY }) {
    return { x: this._left(clientX), y: clientY };
  }

  _left(clientX) {
    return clientX - this.over.getBoundingClientRect().left;
  }

  _moment(left) {
    return this.view.start + (left / this.over.clientWidth) * this.view.span_s;
  }
}
