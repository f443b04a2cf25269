// Publishes to a channel from a Node backend: node publish.mjs orders:42 '{"status":"cooking"}'
const url = process.env.USHER_URL ?? "http://127.0.0.1:8080";
const key = process.env.USHER_API_KEY ?? "dev"; // what `make run` uses

async function publish(channel, data) {
  const response = await fetch(`${url}/api/publish`, {
    method: "POST",
    headers: { "X-API-Key": key, "Content-Type": "application/json" },
    body: JSON.stringify({ channel, data }),
    signal: AbortSignal.timeout(5000),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const { result, error } = await response.json();
  if (error) throw new Error(error.message);
  return result; // { offset: 1, epoch: "…" } where the channel keeps a history
}

console.log(await publish(process.argv[2], JSON.parse(process.argv[3])));
