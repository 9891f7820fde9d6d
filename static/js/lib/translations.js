// The viewer's language. Sentences are translated as by Django's JavaScript catalogue; the page has them as JSON.

const element = document.getElementById("words");
const words = element ? JSON.parse(element.textContent) : {};

export const language = document.documentElement.lang;

export const gettext = (text) => words[text] ?? text;

/** "%(low)s to %(high)s" with {low, high}. */
export const interpolate = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
