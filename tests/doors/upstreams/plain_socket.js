// The stock client of servers without a protocol of their own: a WebSocket.
import { once } from "node:events";

/** Resolves when it is open, rejects if it ends before. */
export async function connectSocket(way, recording, port, query) {
  const socket = new recording.WebSocket(way.url(query));
  await Promise.race([
    once(socket, "open"),
    socket.ended.then(({ code, reason }) => { throw new Error(`ended before it was open: ${code} ${reason}`); }),
  ]);
  return {
    async exchange(payload) {
      const answer = once(socket, "message");
      socket.send(payload);
      const [data, binary] = await answer;
      return binary ? data : data.toString();
    },
    end: () => socket.close(1000),
  };
}
