// A station embedded in another site's page: a chart in the frame's size, and the newest values while it is visible.
// It does not use swap.js: a sandbox has no origin, so it may not send a header of its own.

const EVERY_MS = 60_000;
const TIMEOUT_MS = 15_000;
// The time for which the server lets a picture be kept.
const KEPT_MS = 300_000;
// A frame that is resized by hand does not fetch a picture at each pixel.
const STEP = 20;
const LEAST = [200, 100];
const MOST = [2000, 1200];

const picture = document.querySelector("picture");

/** Fetch the chart in the size of its place, and a newer one when the last may be outdated. */
function draw() {
  const size = [picture.clientWidth, picture.clientHeight].map((pixels, at) =>
    Math.min(MOST[at], Math.max(LEAST[at], Math.floor(pixels / STEP) * STEP)),
  );
  const address = `${picture.dataset.picture}&width=${size[0]}&height=${size[1]}&at=${Math.floor(Date.now() / KEPT_MS)}`;
  const image = picture.querySelector("img");
  if (image.getAttribute("src") === address) return;
  for (const source of picture.querySelectorAll("source")) source.remove();
  image.src = address;
}

/** Put the server's present values into this page. */
async function take() {
  const response = await fetch(location.href, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of document.querySelectorAll("[data-fresh]")) {
    const other = fresh.getElementById(part.id);
    if (other && other.innerHTML !== part.innerHTML) part.replaceChildren(...other.childNodes);
  }
}

async function refresh() {
  if (document.hidden) return;
  try {
    await take();
    if (picture) draw();
  } catch {
    // The moment below the chart shows the values' age; the next minute tries again.
  }
}

if (picture) new ResizeObserver(draw).observe(picture);
setInterval(refresh, EVERY_MS);
document.addEventListener("visibilitychange", refresh);
