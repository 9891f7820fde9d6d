// Finds stations among the cards while somebody types. Without it the form asks the server, which hides the same ones.

const form = document.querySelector(".filter");
const none = document.getElementById("no-match");

/** A station by its name and place, as Card.has of readings/pages/home_page.py says. */
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
