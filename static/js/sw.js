// Shows messages of this server, also while no page is open. A touch on one opens its page. It fetches nothing.

/** The message, or that there is one: a push that shows nothing may cost the permission. */
function told(data) {
  try {
    return data.json();
  } catch {
    return { title: "freetemp" };
  }
}

addEventListener("install", () => skipWaiting());

addEventListener("push", (event) => {
  const { title, body, url, tag, lang } = told(event.data);
  event.waitUntil(
    registration.showNotification(title, {
      body,
      lang,
      tag,
      renotify: Boolean(tag),
      icon: "static/img/icon-192.png",
      data: { url },
    }),
  );
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(clients.openWindow(event.notification.data.url ?? registration.scope));
});
