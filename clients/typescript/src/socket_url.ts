// From the gateway's URL to those of its calls. The URL is cut as text, not
// parsed and printed again, so that a request goes to exactly the URL that the user wrote.

/** The URL without query, fragment and trailing slashes. */
export function baseUrl(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/\/+$/, '');
}

/** ws→http, wss→https: `fetch` takes no other scheme. */
export function httpUrl(url: string): string {
  return baseUrl(url).replace(/^(?:http|ws)/i, 'http');
}

/** http→ws, https→wss, the path kept, and the ticket. The result is a secret. */
export function socketUrl(url: string, ticket: string): string {
  return `${baseUrl(url).replace(/^(?:http|ws)/i, 'ws')}/ws?ticket=${encodeURIComponent(ticket)}`;
}

/** Whether the gateway is on this machine, where it can be reached offline too. */
export function isLoopback(url: string): boolean {
  return /^\w+:\/\/([^/?#]*@)?(([^/?#:]+\.)?localhost|127(\.\d+){3}|\[::1\])([:/?#]|$)/i.test(url);
}
