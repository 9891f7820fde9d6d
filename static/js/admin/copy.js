// Buttons that copy a text of the page. Without this script they are hidden, and a click still selects the whole text.
{
  /** Without HTTPS, a browser has no clipboard for scripts, but it still copies the selection. */
  const copy = async (text) => {
    getSelection().selectAllChildren(text);
    try {
      await navigator.clipboard.writeText(text.textContent);
      return true;
    } catch {
      return document.execCommand("copy");
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("button[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        const copied = await copy(document.getElementById(button.dataset.copy));
        document.getElementById("copied").textContent = copied ? "Copied." : "Selected: copy it with your keyboard.";
      });
    }
  });
}
