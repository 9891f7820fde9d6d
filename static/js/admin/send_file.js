// Sends a file in pieces, so that it may be larger than what one request may have. Without this script a form sends it.
{
  const RETRIES = 5;
  const form = document.getElementById("send-file");
  const [bar, sent] = [document.getElementById("sending"), document.getElementById("sent")];
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  class RefusedError extends Error {}

  /** The answer's JSON. RefusedError says why the server does not take it; any other error may pass. */
  const post = async (url, body) => {
    const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
    if (body instanceof Blob) headers["Content-Type"] = "application/octet-stream";
    const answer = await fetch(url, { method: "POST", headers, body });
    if (answer.status === 409) throw new RefusedError((await answer.json()).detail);
    if (answer.status === 403 || answer.redirected) throw new RefusedError("You are no longer logged in here.");
    if (answer.status === 503) throw new Error("The server cannot take it now: its disk may be nearly full.");
    if (!answer.ok) throw new Error(`The server has answered ${answer.status}.`);
    return answer.json();
  };

  const again = async (work) => {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof RefusedError || tries > RETRIES) throw error;
        await wait(1000 * tries);
      }
    }
  };

  const send = async (file) => {
    const job = await post("", new URLSearchParams({ name: file.name, size: file.size }));
    for (let at = 0; at < file.size;) {
      at = (await again(() => post(`${job.piece}?at=${at}`, file.slice(at, at + job.bytes)))).received;
      bar.value = at / file.size;
      sent.textContent = `${Math.floor((100 * at) / file.size)} % sent`;
    }
    location.assign(job.url);
  };

  form.querySelector(".without-script").hidden = true;
  form.addEventListener("submit", async (event) => {
    const [file] = form.elements.file.files;
    if (!file) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    bar.hidden = false;
    try {
      await send(file);
    } catch (error) {
      sent.textContent = error instanceof TypeError ? "The server does not answer. Try again." : error.message;
      bar.hidden = true;
      button.disabled = false;
    }
  });
}
