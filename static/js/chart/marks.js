// What is set aside is shaded, and a sensor that was hung up is a dashed line.

const DASH = [2, 4];

/** Draw a chart's marks behind its readings: {kind, start, end}, in Unix seconds. An end of null is until further notice. */
export function drawMarks({ ctx, bbox, scales, valToPos }, { field, colour }) {
  const { min, max } = scales.x;
  const at = (seconds) => valToPos(Math.min(Math.max(seconds, min), max), "x", true);
  const isShown = ({ start, end }) => start < max && (end ?? max) > min;
  ctx.save();
  for (const { kind, start, end } of (field.marks ?? []).filter(isShown)) {
    if (kind === "aside") {
      ctx.fillStyle = colour("--muted", "2e");
      ctx.fillRect(at(start), bbox.top, Math.max(at(end ?? max) - at(start), devicePixelRatio), bbox.height);
    } else if (start > min) {
      ctx.strokeStyle = colour("--muted");
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash(DASH.map((length) => length * devicePixelRatio));
      ctx.beginPath();
      ctx.moveTo(at(start), bbox.top);
      ctx.lineTo(at(start), bbox.top + bbox.height);
      ctx.stroke();
    }
  }
  ctx.restore();
}
