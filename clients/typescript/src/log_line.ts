// The texts of the log lines that have parts, above all those with text that a peer has sent.
//
// A peer's text is escaped, so that it can't forge a line. The caller must have masked tokens and tickets in it (secrets.ts).

// RFC 9110; 428 and 431 are RFC 6585's.
const kPhrases: { [status: number]: string } = {
  300: 'MULTIPLE CHOICES',
  301: 'MOVED PERMANENTLY',
  302: 'FOUND',
  303: 'SEE OTHER',
  304: 'NOT MODIFIED',
  305: 'USE PROXY',
  307: 'TEMPORARY REDIRECT',
  308: 'PERMANENT REDIRECT',
  400: 'BAD REQUEST',
  401: 'UNAUTHORIZED',
  402: 'PAYMENT REQUIRED',
  403: 'FORBIDDEN',
  404: 'NOT FOUND',
  405: 'METHOD NOT ALLOWED',
  406: 'NOT ACCEPTABLE',
  407: 'PROXY AUTHENTICATION REQUIRED',
  409: 'CONFLICT',
  410: 'GONE',
  411: 'LENGTH REQUIRED',
  412: 'PRECONDITION FAILED',
  413: 'CONTENT TOO LARGE',
  414: 'URI TOO LONG',
  415: 'UNSUPPORTED MEDIA TYPE',
  416: 'RANGE NOT SATISFIABLE',
  417: 'EXPECTATION FAILED',
  421: 'MISDIRECTED REQUEST',
  422: 'UNPROCESSABLE CONTENT',
  426: 'UPGRADE REQUIRED',
  428: 'PRECONDITION REQUIRED',
  431: 'REQUEST HEADER FIELDS TOO LARGE',
};

/** Which of the two calls failed. */
export type Call = 'token' | 'ticket';

/** One `?` for each code point that is a quote, a backslash or not printable ASCII. */
export function escaped(text: string): string {
  return text.replace(/[^ -~]|['\\]/gu, '?');
}

// In all of these an empty `code` is left out, together with its brackets and commas.

export function refreshText(code: string): string {
  return `[Auth] Received 401${code && ` ${escaped(code)}`}, refreshing token...`;
}

/** `what`: it may have text of a peer. */
export function refreshFailedText(what: string, then: string): string {
  return `[Auth] Refresh failed: ${escaped(what)}, ${then}`;
}

export function failedToConnectText(status: number, code: string): string {
  return `[WS] Failed to connect HttpErrorResponse { status: ${status}${code && `, error: { code: '${escaped(code)}' }`} }`;
}

export function hardHttpText(status: number, code: string): string {
  const kind = status === 401 || status === 403 ? 'auth error' : 'request refused';
  return `[WS] Hard failure - ${kind} { status: ${status}${code && `, code: '${escaped(code)}'`} }`;
}

export function stoppingText(call: Call, status: number): string {
  const phrase = kPhrases[status];
  return `[WS] ${call === 'token' ? 'Token' : 'Ticket'} request failed: ${status}${phrase ? ` ${phrase}` : ''} - stopping reconnect`;
}

export function softHttpText(status: number): string {
  return `[WS] Soft failure - ${status === 503 ? 'service unavailable' : 'HTTP error'} (${status}), will retry`;
}

/** `failures`: in a row, the present one included. */
export function reconnectingText(delayMs: number, failures: number): string {
  return `[WS] Reconnecting in ${delayMs}ms (attempt ${failures})`;
}

/** `{ code: 1008, reason: 'ORIGIN_BLOCKED', wasClean: true }` */
export function closeText(code: number, reason: string, clean: boolean): string {
  return `{ code: ${code}, reason: '${escaped(reason)}', wasClean: ${clean} }`;
}
