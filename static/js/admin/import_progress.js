// Shows how far an import is. When it is over, the page is loaded again. Without this script the page does that itself.
{
  const EVERY_MS = 2000;

  const look = async () => {
    try {
      const answer = await fetch(location.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const progress = page.getElementById("import-progress");
      if (answer.ok && !progress) return location.reload();
      if (progress) document.getElementById("import-progress").replaceWith(document.adoptNode(progress));
    } catch {
      // The server is away for a moment.
    }
    setTimeout(look, EVERY_MS);
  };

  setTimeout(look, EVERY_MS);
}
