// The URL of a socket that is not usher's own endpoint. Like those of the gateway it is cut as text.

/** http→ws, https→wss, path and query kept, and the ticket. The result is a secret. */
export function rawSocketUrl(url: string, ticket: string): string {
  const base = webSocketUrl(url);
  return `${base}${/[?&]$/.test(base) ? '' : base.includes('?') ? '&' : '?'}ticket=${encodeURIComponent(ticket)}`;
}

/** The same without the ticket. */
export function webSocketUrl(url: string): string {
  return url.replace(/#.*$/s, '').replace(/^(?:http|ws)/i, 'ws');
}
