// From the gateway's URL to those of its calls. The URL is cut as text, not
// parsed and printed again: what the user wrote is what goes out.

/** The URL without query, fragment and trailing slash; its scheme `http` or `ws`, secure as it was. */
export function baseUrl(url: string, scheme: 'http' | 'ws'): string {
  return url.replace(/[?#].*$/s, '').replace(/\/+$/, '').replace(/^(?:http|ws)(s?):/i, `${scheme}$1:`);
}

/** The gateway is on this machine: being offline does not keep us from it. */
export function isLoopback(url: string): boolean {
  return /^\w+:\/\/([^/?#]*@)?(([^/?#:]+\.)?localhost|127(\.\d+){3}|\[::1\])([:/?#]|$)/i.test(url);
}
