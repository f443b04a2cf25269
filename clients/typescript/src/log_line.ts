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

// RFC 9110; 428 and 431 are RFC 6585's.
const kPhrases =
  '300MULTIPLE CHOICES,301MOVED PERMANENTLY,302FOUND,303SEE OTHER,304NOT MODIFIED,305USE PROXY,' +
  '307TEMPORARY REDIRECT,308PERMANENT REDIRECT,400BAD REQUEST,401UNAUTHORIZED,402PAYMENT REQUIRED,403FORBIDDEN,' +
  '404NOT FOUND,405METHOD NOT ALLOWED,406NOT ACCEPTABLE,407PROXY AUTHENTICATION REQUIRED,409CONFLICT,410GONE,' +
  '411LENGTH REQUIRED,412PRECONDITION FAILED,413CONTENT TOO LARGE,414URI TOO LONG,415UNSUPPORTED MEDIA TYPE,' +
  '416RANGE NOT SATISFIABLE,417EXPECTATION FAILED,421MISDIRECTED REQUEST,422UNPROCESSABLE CONTENT,' +
  '426UPGRADE REQUIRED,428PRECONDITION REQUIRED,431REQUEST HEADER FIELDS TOO LARGE';

/** `404 NOT FOUND`; the number alone where no phrase is registered. */
export function withPhrase(status: number): string {
  return `${status} ${kPhrases.match(`${status}([^,]+)`)?.[1] ?? ''}`.trim();
}
