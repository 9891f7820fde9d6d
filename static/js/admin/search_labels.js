// The inputs in which Select2 searches have no name: each gets that of its field.
{
  const name = (select, input) => {
    const label = document.querySelector(`label[for="${select.id}"]`);
    input?.setAttribute("aria-label", (label?.textContent ?? "").trim().replace(/:$/, ""));
  };

  // After the admin's own script has made them.
  window.addEventListener("load", () => {
    for (const select of document.querySelectorAll("select.admin-autocomplete[multiple]")) {
      name(select, select.nextElementSibling?.querySelector(".select2-search__field"));
    }
    // That of a single choice is made when its list opens.
    window.django?.jQuery(document).on("select2:open", ({ target }) => {
      if (!target.multiple) name(target, document.querySelector(".select2-dropdown .select2-search__field"));
    });
  });
}
