// From the gateway's URL to those of its calls. The URL is cut as text, not
// parsed and printed again: what the user wrote is what goes out.

/** The URL without query, fragment and trailing slash. */
export function baseUrl(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/\/+$/, '');
}

export function socketUrl(url: string, ticket: string): string {
  const base = baseUrl(url).replace(/^http(s?):/i, (_, s: string) => `ws${s.toLowerCase()}:`);
  return `${base}/ws?ticket=${encodeURIComponent(ticket)}`;
}

/** The gateway is on this machine: being offline does not keep us from it. */
export function isLoopback(url: string): boolean {
  const host = /^[a-z]+:\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^:/?#]*)/i.exec(url)?.[1]?.toLowerCase() ?? '';
  return host === '[::1]' || /^(.+\.)?localhost$/.test(host) || /^127\.\d+\.\d+\.\d+$/.test(host);
}
