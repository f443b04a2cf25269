// Where the page's gateway is, and the calls that only `--dev` answers.

/** Without a slash at its end; with the path prefix, if there is one. */
export const gatewayUrl = new URL('.', location.href).href.replace(/\/$/, '');

export interface ServerFaults {
  store_down: boolean;
  origin_blocked: boolean;
}

/** Where the proxy door leads to. */
export interface Upstream {
  name: string;
  /** Below the gateway; with "/*" at its end for everything below it. */
  path: string;
  url: string;
}

export async function readUpstreams(): Promise<Upstream[]> {
  return ((await (await dev('upstreams')).json()) as { upstreams: Upstream[] }).upstreams;
}

export async function readFaults(): Promise<ServerFaults> {
  return (await (await dev('faults')).json()) as ServerFaults;
}

export async function setFaults(faults: Partial<ServerFaults>, how: RequestInit = {}): Promise<void> {
  await dev('faults', faults, how);
}

/** Those that are on stay on for a while; answers with what is on. */
export async function renewFaults(faults: Partial<ServerFaults>): Promise<ServerFaults> {
  return (await (await dev('faults', { ...faults, renew: true })).json()) as ServerFaults;
}

export async function publishTo(session: string, data: unknown): Promise<void> {
  await dev('publish', { session, data });
}

export async function restart(): Promise<void> {
  await dev('restart', {});
}

/** The gateway's answer to a guest who asks for a token, but without a session in it. */
export function tokenWithoutSession(): Promise<Response> {
  return fetch(`${gatewayUrl}/dev/token`, { method: 'POST' });
}

/** Redeems a ticket, so that nobody else can. */
export function spend(ticket: string): Promise<void> {
  const socket = new WebSocket(`${gatewayUrl.replace(/^http/, 'ws')}/ws?ticket=${ticket}`, ['usher.v1.json']);
  return new Promise((resolve) => {
    socket.onclose = () => resolve();
    socket.onmessage = () => socket.close();
  });
}

async function dev(what: string, body?: object, how: RequestInit = {}): Promise<Response> {
  const init = body && { ...how, method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`${gatewayUrl}/dev/${what}`, init);
  if (response.ok) return response;
  const { detail } = (await response.json().catch(() => ({}))) as { detail?: string };
  throw new Error(detail ?? `the gateway answered ${response.status}`);
}
