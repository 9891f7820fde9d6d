// Finds stations among the cards while a viewer types. Without scripts, the server's answer hides the same cards.

const form = document.querySelector(".filter");
const none = document.getElementById("no-match");

/** Find a station by its name and place, by the same rule as Card.has in readings/pages/home_page.py. */
function has(card, words) {
  const own = `${card.querySelector("h2").textContent} ${card.querySelector(".place").firstChild?.nodeValue ?? ""}`.toLowerCase();
  return words.every((word) => own.includes(word));
}

function filter() {
  const wanted = form.elements.q.value.trim();
  const words = wanted.toLowerCase().split(/\s+/);
  const cards = [...document.querySelectorAll(".card")];
  for (const card of cards) card.hidden = !has(card, words);
  none.hidden = cards.some((card) => !card.hidden);
  const url = new URL(location.href);
  if (wanted) url.searchParams.set("q", wanted);
  else url.searchParams.delete("q");
  history.replaceState(null, "", url);
}

form?.addEventListener("input", filter);
form?.addEventListener("submit", (event) => event.preventDefault());
