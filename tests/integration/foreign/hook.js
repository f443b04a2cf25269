// A backend with one hook: `answer(type, body)` gives what it says to a CloudEvent of that type.
import { createServer } from "node:http";

export async function startHook(answer) {
  const events = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const type = request.headers["ce-type"];
    events.push(type);
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(answer(type, JSON.parse(Buffer.concat(chunks).toString()))));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { events, url: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}
