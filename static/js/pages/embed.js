// A station in somebody else's page: a chart of the frame's own size, and the newest values while somebody looks.
// By itself, without swap.js: a sandbox has no origin, and a header of one's own needs leave that such a frame has not.

const EVERY_MS = 60_000;
const TIMEOUT_MS = 15_000;
// What the server keeps a picture for.
const KEPT_MS = 300_000;
// A frame that is drawn larger by hand does not ask for a picture at each pixel.
const STEP = 20;
const LEAST = [200, 100];
const MOST = [2000, 1200];

const picture = document.querySelector("picture");

/** Ask for the chart in the size of its place, and for a newer one when the last may have changed. */
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

/** Take what the server says now over into this page. */
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
    // The moment below the chart says how old the values are; the next minute tries again.
  }
}

if (picture) new ResizeObserver(draw).observe(picture);
setInterval(refresh, EVERY_MS);
document.addEventListener("visibilitychange", refresh);
