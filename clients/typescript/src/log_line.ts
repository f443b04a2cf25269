// The texts of the log lines that carry what somebody else sent.
//
// A peer's text is escaped, so that it can't forge a line. Tokens and tickets
// are hidden before it comes here (see secrets.ts).

/** One `?` for each code point that is a quote, a backslash or not printable ASCII. */
export function escaped(text: string): string {
  return text.replace(/[^ -~]|['\\]/gu, '?');
}

/** `{ status: 401, code: 'X' }`, or with a longer `label` for the code; without a code the status alone. */
export function statusText(status: number, code: string, [before, after] = ['code: ', '']): string {
  return `{ status: ${status}${code && `, ${before}'${escaped(code)}'${after}`} }`;
}

export function closeText(code: number, reason: string, clean: boolean): string {
  return `{ code: ${code}, reason: '${escaped(reason)}', wasClean: ${clean} }`;
}

// RFC 9110, and 431 of RFC 6585: what comes with a status that is hard. In order from 300 and from 400; empty where there is
// none, where it is soft, and for what nobody sends any more (305, 417): every page pays for each of them.
const kPhrases = [
  'multiple choices,moved permanently,found,see other,not modified,,,temporary redirect,permanent redirect',
  'bad request,unauthorized,payment required,forbidden,not found,method not allowed,not acceptable,' +
  'proxy authentication required,,conflict,gone,length required,precondition failed,content too large,uri too long,' +
  'unsupported media type,range not satisfiable,,,,,misdirected request,unprocessable content,,,,upgrade required,,,,,' +
  'request header fields too large',
];

/** `404 NOT FOUND`; the number alone where there is no phrase. `status`: a hard one, so 300 to 499. */
export function withPhrase(status: number): string {
  return `${status} ${kPhrases[status < 400 ? 0 : 1]!.split(',')[status % 100] ?? ''}`.trim().toUpperCase();
}
