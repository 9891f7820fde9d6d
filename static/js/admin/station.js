// A station's form: a new station's time zone is first that of this browser, and a new field has the next number.
{
  /** Put the browser's time zone into the form of a new station, if the server knows it, and say so. */
  const suggestZone = (input) => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const known = [...input.list.options].some((option) => option.value === zone);
    if (!known) return;
    input.value = zone;
    const note = document.createElement("span");
    note.className = "from-browser";
    note.textContent = "that of this browser";
    input.after(note);
    input.addEventListener("input", () => note.remove(), { once: true });
  };

  const numberField = (row) => {
    const numbers = [...document.querySelectorAll("#fields-group td.field-number input")];
    const own = row.querySelector("td.field-number input");
    own.value = Math.max(0, ...numbers.filter((input) => input !== own && !input.name.includes("__prefix__")).map((input) => Number(input.value))) + 1;
  };

  document.addEventListener("DOMContentLoaded", () => {
    const input = document.querySelector("input[data-zone-of-browser]");
    if (input) suggestZone(input);
  });
  document.addEventListener("formset:added", ({ target, detail }) => {
    if (detail.formsetName === "fields") numberField(target);
  });
}
