// A static server for the pages under test: its address is their origin.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const file = (path) => readFileSync(fileURLToPath(new URL(path, import.meta.url)));
const html = (body) => `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>usher</title>${body}`;

// The page under test: `start(options)` connects, and `seen` says what came of it. A page asked for with options in
// its fragment starts by itself, each time that it is loaded.
const page = html(`<script src="/centrifuge.js"></script>
<script type="module">
import { createClient } from "/usher-client.js";
import * as doors from "/usher-socket.js";
window.seen = { statuses: [], messages: [], failures: [], subscribed: [], shows: [] };
window.addEventListener("pageshow", ({ persisted }) => seen.shows.push(persisted));
window.start = (options, channels = []) => {
  const client = (window.client = createClient(options));
  client.on("status", (status) => seen.statuses.push(status));
  client.on("message", (message) => seen.messages.push(message));
  client.on("failed", (failure) => seen.failures.push(failure));
  client.on("subscribed", (subscription) => seen.subscribed.push(subscription));
  for (const channel of channels) client.subscribe(channel, () => {});
  client.connect();
};
if (location.hash) start({ url: decodeURIComponent(location.hash.slice(1)) });
// A socket of usher-client/socket, and what it says.
window.openSocket = (url, protocols, options) => watch(new doors.UsherSocket(url, protocols, options));
window.openOneOf = (Class, url) => watch(new Class(url));
window.makeClass = (options) => doors.ticketWebSocket(options);
function watch(socket) {
  const one = { socket, events: [], messages: [] };
  for (const type of ["open", "reopen", "error"]) socket.addEventListener(type, () => one.events.push(type));
  for (const type of ["lost", "close"]) {
    socket.addEventListener(type, (event) => {
      if (!(event instanceof CloseEvent)) throw new Error("no CloseEvent");
      one.events.push([type, event.code, event.reason, event.wasClean]);
    });
  }
  socket.addEventListener("message", async ({ data }) => {
    one.messages.push(typeof data === "string" ? data : [data.constructor.name, [...new Uint8Array(await new Response(data).arrayBuffer())]]);
  });
  return (window.one = one);
}
window.ready = true;
</script>`);

const answers = {
  "/": ["text/html", page],
  "/elsewhere": ["text/html", html("<p>Another page.</p>")],
  "/usher-client.js": ["text/javascript", file("../../clients/typescript/dist/usher-client.js")],
  "/usher-socket.js": ["text/javascript", file("../../clients/typescript/dist/usher-socket.js")],
  "/centrifuge.js": ["text/javascript", file("../integration/node_modules/centrifuge/dist/centrifuge.js")],
};

export async function startPages() {
  const server = createServer(({ url }, response) => {
    const [type, body] = answers[url] ?? ["text/plain", "nothing here"];
    response.writeHead(url in answers ? 200 : 404, { "Content-Type": type }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
