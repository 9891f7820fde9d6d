// The viewer's language. Sentences are translated as Django's own JavaScript catalogue does; the page has them as JSON.

const element = document.getElementById("words");
const words = element ? JSON.parse(element.textContent) : {};

export const language = document.documentElement.lang;

export const gettext = (text) => words[text] ?? text;

/** The same words, where they mean different things. */
export const pgettext = (context, text) => words[`${context}\u0004${text}`] ?? text;

/** One or many. English and German count alike; a language that has more forms than two needs Intl.PluralRules here. */
export const ngettext = (one, many, count) => (words[one] ?? [one, many])[count === 1 ? 0 : 1];

/** "%(low)s to %(high)s" with {low, high}. */
export const interpolate = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
