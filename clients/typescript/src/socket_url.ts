// From the gateway's URL to those of its calls. The URL is cut as text, not
// parsed and printed again: what the user wrote is what goes out.

/** The URL without query, fragment and trailing slashes. */
export function baseUrl(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/\/+$/, '');
}

/** ws→http, wss→https: `fetch` takes no other scheme. */
export function httpUrl(url: string): string {
  return baseUrl(url).replace(/^(?:http|ws)/i, 'http');
}

/** http→ws, https→wss, the path kept, and the ticket. A secret. */
export function socketUrl(url: string, ticket: string): string {
  return `${baseUrl(url).replace(/^(?:http|ws)/i, 'ws')}/ws?ticket=${encodeURIComponent(ticket)}`;
}

/** The gateway is on this machine: being offline does not keep us from it. */
export function isLoopback(url: string): boolean {
  return /^\w+:\/\/([^/?#]*@)?(([^/?#:]+\.)?localhost|127(\.\d+){3}|\[::1\])([:/?#]|$)/i.test(url);
}
