import { fileURLToPath } from "node:url";
import { createClient } from "graphql-ws";
import { Program } from "../programs.js";

const server = fileURLToPath(new URL("../servers/graphql_echo.js", import.meta.url));

/** npm's graphql-ws on both sides: JSON in text frames only, so what is binary has no way through it. */
export const graphqlWs = {
  name: "graphql-ws",
  path: "/graphql",
  binary: false,
  compresses: true,
  reconnects: true,
  start: (port) => Program.start([process.execPath, server, String(port)], { port }),
  async connect(way, recording) {
    let up = false;
    const client = createClient({
      url: () => way.url(),
      webSocketImpl: recording.WebSocket,
      lazy: false,
      retryAttempts: Infinity,
      shouldRetry: () => true,  // a refused connection, too
      retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
      onNonLazyError: () => {},
    });
    client.on("closed", () => { up = false; });
    await new Promise((resolve) => client.on("connected", () => { up = true; resolve(); }));
    return {
      up: () => up,
      exchange: (text) => new Promise((resolve, reject) => {
        client.subscribe({ query: "subscription ($text: String) { echo(text: $text) }", variables: { text } }, {
          next: ({ data }) => resolve(data.echo), error: reject, complete: () => {},
        });
      }),
      end: () => client.dispose(),
    };
  },
};
