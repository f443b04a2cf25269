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

// RFC 9110 and RFC 6585: the statuses that come with a code of ours, or might once a proxy has had its way with them. All
// the others would be a twentieth of the bundle, for a line that nobody has seen.
const kPhrases =
  '302FOUND,400BAD REQUEST,401UNAUTHORIZED,403FORBIDDEN,404NOT FOUND,405METHOD NOT ALLOWED,409CONFLICT,410GONE,' +
  '413CONTENT TOO LARGE,414URI TOO LONG,422UNPROCESSABLE CONTENT,431REQUEST HEADER FIELDS TOO LARGE';

/** `404 NOT FOUND`; the number alone where we have no phrase. */
export function withPhrase(status: number): string {
  return `${status} ${kPhrases.match(`${status}([^,]+)`)?.[1] ?? ''}`.trim();
}
