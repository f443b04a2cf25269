// Stands between pages and a gateway: counts each request, leads sockets elsewhere, and hides from the pages that the
// gateway behind it is being exchanged.
import net from "node:net";

const kRequest = /(GET|POST|OPTIONS) (\/[a-z/]*)(?:\?ticket=([0-9a-f]{32}))?\S* HTTP\/1\.1\r\n/g;

/**
 * `backend` may be set anew at any time; `socketBackend` is where sockets are led, if elsewhere. `onTicket` is waited for
 * before an upgrade goes on. `requests`: all that was asked for, as `POST /auth/ticket`.
 */
export async function startCountingProxy(backend) {
  const pairs = new Set();
  let holding = false;
  const proxy = { backend, socketBackend: null, onTicket: null, requests: [] };

  // Half-closes go through as they are: a reason sent just before one must not be lost.
  const server = net.createServer({ allowHalfOpen: true }, (front) => {
    let back = null;
    const end = () => {
      front.destroy();
      back?.destroy();
      pairs.delete(end);
    };
    pairs.add(end);
    front.on("error", end).on("close", end).on("end", () => back?.end());
    front.on("data", async (data) => {
      const asked = [...data.toString("latin1").matchAll(kRequest)];
      proxy.requests.push(...asked.map(([, method, path]) => `${method} ${path}`));
      if (back) return void back.write(data);
      const ticket = asked[0]?.[3];
      front.pause();
      if (ticket) await proxy.onTicket?.(ticket);
      const [host, port] = ((ticket && proxy.socketBackend) || proxy.backend).split(":");
      back = net.connect({ port: Number(port), host, allowHalfOpen: true }, () => front.resume());
      back.on("data", (answer) => front.write(answer));
      back.on("end", () => holding || front.end());
      back.on("error", () => holding || end());
      back.write(data);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy.address = `127.0.0.1:${server.address().port}`;
  proxy.url = `http://${proxy.address}`;
  proxy.count = (what) => proxy.requests.filter((asked) => asked === what).length;
  /** Until cut(), pages do not notice that the gateway is gone. */
  proxy.hold = () => { holding = true; };
  proxy.cut = () => {
    holding = false;
    for (const end of [...pairs]) end();
  };
  proxy.stop = () => {
    server.close();
    proxy.cut();
  };
  return proxy;
}
