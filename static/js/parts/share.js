// The box for sharing: copies an address, and saves a chart as a picture.

import { gettext } from "../lib/translations.js";

const SIZE = { width: 1200, height: 600 };
const FINER = 2;

const box = document.querySelector(".share");
const told = document.getElementById("share-told");

/** Without HTTPS, a browser has no clipboard for scripts, but it still copies the selection. */
async function copy(id) {
  const text = document.getElementById(id);
  text.select();
  try {
    await navigator.clipboard.writeText(text.value);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}

async function drawn(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = SIZE.width * FINER;
  canvas.height = SIZE.height * FINER;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture")))));
}

/** Save a chart of the view, in the visible colours, as a PNG. */
async function save(address) {
  const theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const url = URL.createObjectURL(await drawn(`${address}&${new URLSearchParams({ ...SIZE, theme })}`));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${document.title.replace(/ – freetemp$/, "").replace(/[^\p{L}\p{N}]+/gu, "-")}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function show() {
  for (const button of box.querySelectorAll("button")) button.hidden = false;
}

box?.addEventListener("click", async ({ target }) => {
  const { copy: id, save: address } = target.dataset;
  if (id) told.textContent = (await copy(id)) ? gettext("Copied.") : gettext("Selected: copy it with your keyboard.");
  if (!address) return;
  told.textContent = "";
  try {
    await save(address);
    told.textContent = gettext("Saved.");
  } catch {
    told.textContent = gettext("The picture did not arrive.");
  }
});

if (box) {
  show();
  // Another period brings buttons of its own.
  new MutationObserver(show).observe(document.getElementById("share"), { childList: true });
}
