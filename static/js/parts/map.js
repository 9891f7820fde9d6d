// The stations on a map. A mark's text comes from the station's card, which other scripts keep fresh and filter.

/* global L */

import { gettext } from "../lib/translations.js";

const CLOSEST = 18;
// A single station is shown with its surroundings.
const CLOSEST_AT_FIRST = 13;
// Sizes of a mark, in pixels.
const MARK_HEIGHT = 30;
const MARK_SIDES = 20;
const MARK_A_CHARACTER = 8;
const MARK_STATUS = 18;
const MOST_THAT_MOVE = 100;
const POPUP = { closeButton: false, offset: [0, -8], autoPanPaddingTopLeft: [52, 12], autoPanPaddingBottomRight: [12, 12] };

const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
// One finger scrolls the page; two move the map.
const isTouched = matchMedia("(pointer: coarse)").matches;

const element = document.getElementById("map");

// Leaflet moves everything by translate3d, which would make the browser give each of hundreds of marks its own layer.
if (window.L) L.Browser.ie3d = true;

class StationMap {
  constructor() {
    this.marks = new Map();
    const places = [...document.querySelectorAll(".card[data-at]")].map(placeOf);
    this.map = L.map(element, {
      attributionControl: false,
      zoomControl: false,
      scrollWheelZoom: false,
      dragging: !isTouched,
      zoomAnimation: !isStill,
      fadeAnimation: !isStill,
      markerZoomAnimation: !isStill && places.length <= MOST_THAT_MOVE, // otherwise marks disappear during the zoom
      inertia: !isStill,
      maxZoom: CLOSEST,
    });
    if (isStill) this.map.panBy = (by, options) => L.Map.prototype.panBy.call(this.map, by, { ...options, animate: false });
    L.control.zoom({ zoomInTitle: gettext("Zoom in"), zoomOutTitle: gettext("Zoom out") }).addTo(this.map);
    this.map.fitBounds(places, { padding: [28, 20], maxZoom: CLOSEST_AT_FIRST, animate: false });
    this._addTiles();
    this._listen();
    this.show();
  }

  /** Show a mark for each card that has a place and is not filtered out. */
  show() {
    const cards = document.querySelectorAll(".card[data-at]:not([hidden])");
    const gone = new Set(this.marks.keys());
    for (const card of cards) {
      if (!gone.delete(card)) this.marks.set(card, new Mark(card, this.map));
      this.marks.get(card).show();
    }
    for (const card of gone) {
      this.marks.get(card).remove();
      this.marks.delete(card);
    }
    this.makeRoom();
  }

  /** If marks would cover each other, all but one become dots. */
  makeRoom() {
    const taken = [];
    for (const mark of this.marks.values()) {
      const { x, y } = this.map.latLngToLayerPoint(mark.place);
      const half = mark.width / 2;
      const isFree = taken.every((other) => Math.abs(other.x - x) > other.half + half || Math.abs(other.y - y) > MARK_HEIGHT);
      if (isFree) taken.push({ x, y, half });
      mark.shrink(!isFree);
    }
  }

  _addTiles() {
    // Tile servers require the site that a request comes from, but need not know the page.
    const options = { maxZoom: CLOSEST, referrerPolicy: "strict-origin-when-cross-origin" };
    const line = document.getElementById("no-tiles");
    L.tileLayer(element.dataset.tiles, options)
      .on("tileload", () => (line.textContent = ""))
      .on("tileerror", () => (line.textContent = line.dataset.words))
      .addTo(this.map);
  }

  _listen() {
    this.map.on("zoomend", () => this.makeRoom());
    // Without focus, the wheel must scroll the page past the map.
    this.map.on("focus", () => this.map.scrollWheelZoom.enable());
    this.map.on("blur", () => this.map.scrollWheelZoom.disable());
    element.addEventListener("keydown", (event) => event.key === "Escape" && this.map.closePopup());
    const seen = { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden"] };
    new MutationObserver(() => this._showSoon()).observe(document.getElementById("stations"), seen);
  }

  _showSoon() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = undefined;
      this.show();
    });
  }
}

const placeOf = (card) => card.dataset.at.split(",").map(Number);

/** A card's place on the map. */
class Mark {
  constructor(card, map) {
    this.card = card;
    this.place = placeOf(card);
    this.label = document.createElement("span");
    const icon = L.divIcon({ className: "mark", html: this.label, iconSize: null });
    this.marker = L.marker(this.place, { icon }).addTo(map);
    this.marker.bindPopup(() => this._details(), POPUP);
    this.marker.on("keydown", ({ originalEvent }) => this._press(originalEvent));
    this.marker.on("popupopen", ({ popup }) => this._focus(popup.getElement()));
    this.marker.on("popupclose", ({ popup }) => popup.getElement().contains(document.activeElement) && this._button.focus());
  }

  /** Take over the card's content. */
  show() {
    const status = this.card.querySelector(".status");
    const value = this._text(".now > b");
    const unit = this._text(".now > .unit");
    const text = value && (unit.startsWith("°") ? `${value}°` : `${value} ${unit}`);
    const words = [this._text("h2"), value && `${value} ${unit}`, status.textContent].filter(Boolean).join(", ");
    if (words === this.words) return;
    this.words = words;
    this.width = MARK_SIDES + text.length * MARK_A_CHARACTER + (status.classList.contains("status-alive") ? 0 : MARK_STATUS);
    this.label.textContent = text;
    this.label.className = status.className;
    this._button.setAttribute("aria-label", words);
    if (this.marker.isPopupOpen()) this.marker.getPopup().setContent(() => this._details());
  }

  shrink(isDot) {
    this._button.classList.toggle("is-dot", isDot || !this.label.textContent);
    this.marker.setZIndexOffset(isDot ? -10_000 : 0);
  }

  remove() {
    this.marker.remove();
  }

  get _button() {
    return this.marker.getElement();
  }

  _text(selector) {
    return this.card.querySelector(selector)?.textContent.trim() ?? "";
  }

  _details() {
    const details = document.createElement("div");
    details.className = "details";
    const parts = [this.card.querySelector("h2 > a"), ...this.card.querySelectorAll(".now, .range, .heard")];
    details.append(...parts.map((part) => part.cloneNode(true)));
    return details;
  }

  /** A button reacts to the space bar too; Leaflet handles Enter. */
  _press(event) {
    this.byKey = event.key === "Enter" || event.key === " ";
    if (event.key !== " ") return;
    event.preventDefault();
    this.marker.togglePopup();
  }

  /** A viewer who opened it by a key continues from there. */
  _focus(popup) {
    if (this.byKey) popup.querySelector("a").focus({ preventScroll: true });
    this.byKey = false;
  }
}

if (window.L) new StationMap();
else element.closest(".map").hidden = true;
