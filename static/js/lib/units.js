// Stored values in the viewer's units. The server gives each field's scale, offset, symbol and decimals.

import { language } from "./translations.js";

const NARROW_SPACE = "\u202f";
const MINUS = "\u2212";
const POINT = new Intl.NumberFormat(language).format(1.5).charAt(1);

export const convert = (field, value) => (value === null ? null : value * field.scale + field.offset);

/** A shown value in words: "−3.2", and never "−0.0"; in German "−3,2". */
export function written(value, decimals) {
  const text = value.toFixed(decimals);
  return (Number(text) === 0 ? text.replace("-", "") : text.replace("-", MINUS)).replace(".", POINT);
}

export const number = (field, value) => written(convert(field, value), field.decimals);

export function withUnit(field, text) {
  return field.symbol ? text + NARROW_SPACE + field.symbol : text;
}
