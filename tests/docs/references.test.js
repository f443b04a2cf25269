// Does what the documents and comments refer to exist: every relative link in every .md file, with its anchor; every "contract
// section N" of a comment in docs/contract.md; every file that the pages for developers name?
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const text = (path) => readFileSync(new URL(path, root), "utf8");
const kList = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
const listed = execFileSync("git", kList, { cwd: root, maxBuffer: 1 << 26 });
const files = new Set(listed.toString().split("\0").filter((path) => path !== ""));
const folders = new Set([...files].flatMap((path) => path.split("/").map((_, i, parts) => parts.slice(0, i).join("/"))));

// What a reader sees as text, without examples of code.
const withoutBlocks = (markdown) => markdown.replace(/^( *)(```|~~~)[^]*?^\1\2.*$/gm, "");
const withoutCode = (markdown) => withoutBlocks(markdown).replace(/(`+)[^`]*?\1/g, "");

const links = (markdown) => [
  ...[...withoutCode(markdown).matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)].map((match) => match[1]),
  ...[...withoutCode(markdown).matchAll(/^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)/gm)].map((match) => match[1]),
];

// The anchors that GitHub gives to headings: letters, digits, `-` and `_` stay, blanks become `-`, a repeated one is numbered.
function anchors(markdown) {
  const seen = new Map();
  return new Set(
    [...withoutBlocks(markdown).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading]) => {
      const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
      const slug = plain.toLowerCase().replace(/[^\p{L}\p{N}\-_ ]/gu, "").replaceAll(" ", "-");
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${count}`;
    }),
  );
}

// One sentence for each link of the document at `path` that leads nowhere.
function brokenLinks(path, markdown, read = text) {
  const broken = [];
  for (const link of links(markdown)) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(link)) continue; // another site
    const [file, anchor] = link.split("#");
    const target = file === "" ? path : posix.join(posix.dirname(path), decodeURIComponent(file)).replace(/\/$/, "");
    const exists = !file.startsWith("/") && (target === path || files.has(target) || folders.has(target));
    const known = () => anchors(target === path ? markdown : read(target));
    if (!exists) broken.push(`${path}: ${link}: there is no such file`);
    else if (anchor !== undefined && target.endsWith(".md") && !known().has(anchor)) broken.push(`${path}: ${link}: there is no such heading`);
  }
  return broken;
}

// The numbers of all sections that a source cites. A citation may go over the end of a line of comment.
const unwrapped = (source) => source.replace(/\s*\n\s*(?:\/\/+|\*|#)?\s*/g, " ");
const kCitation = /\bcontract(?:'s)?,? sections? (\d+(?:\.\d+)*)/gi;
const citations = (source) => [...unwrapped(source).matchAll(kCitation)].map((match) => match[1]);

const sections = (markdown) => new Set([...markdown.matchAll(/^#{2,4} (\d+(?:\.\d+)*)\.? /gm)].map((match) => match[1]));

// Files named in code spans. `room/name.h` may leave out the folders above its room, and a pattern stands for itself.
const kNamed = /^[\w@./-]+\.(?:h|cc|cpp|ts|tsx|js|mjs|py|md|json|yaml|toml|cmake)$/;
const kSubprotocol = "usher.v1.json";
const spans = (markdown) => [...withoutBlocks(markdown).matchAll(/`([^`\n]+)`/g)].map((match) => match[1]);
const namedFiles = (markdown) => spans(markdown).filter((span) => kNamed.test(span) && span !== kSubprotocol);
const isKnown = (name) => files.has(name) || [...files].some((path) => path.endsWith(`/${name}`));

const documents = [...files].filter((path) => path.endsWith(".md"));
const kSource = /^(src|apps|clients|include|tests|fuzz|bench|web|cmake)\/.*\.(h|cc|ts|mjs|js|py|cmake|txt)$/;
const sources = [...files].filter((path) => kSource.test(path) && path !== "tests/docs/references.test.js");

test("every relative link of every document leads to a file, and to a heading", () => {
  assert.ok(documents.length >= 14, `${documents}`);
  assert.ok(documents.flatMap((path) => links(text(path))).length >= 80);
  assert.deepEqual(documents.flatMap((path) => brokenLinks(path, text(path))), []);
});

test("every section of the contract that is cited exists", () => {
  const known = sections(text("docs/contract.md"));
  const cited = sources.flatMap((path) => citations(text(path)).map((number) => [path, number]));
  assert.ok(cited.length >= 17, `${cited.length} citations`);
  assert.deepEqual(cited.filter(([, number]) => !known.has(number)), []);
});

// Wherever the file lies.
const source = (name) => text([...files].find((path) => path.endsWith(`/${name}`)));
const rows = (content, pattern) => [...content.matchAll(pattern)].map(([, number, word]) => `${number} ${word ?? ""}`.trim()).sort();

test("the contract has every HTTP error and every close code that the code sends, and no other", () => {
  const contract = text("docs/contract.md");
  const problems = rows(source("problem.cc"), /^ +\{(\d{3}), "([A-Z_]+)"/gm);
  assert.ok(problems.length >= 21, `${problems}`);
  assert.deepEqual(rows(contract, /^\| (\d{3}) \| `([A-Z_]+)` \|/gm), problems);
  const never = ["1000", "1005", "1006", "1010"]; // the client's, or never on the wire
  const codes = rows(source("close_code.h"), /^ +[a-z0-9_]+ = (\d{4}),/gm).filter((code) => !never.includes(code));
  assert.ok(codes.length >= 17, `${codes}`);
  const listedCodes = [...contract.matchAll(/^\| (\d{4}(?:, \d{4})*) \| `/gm)].flatMap(([, list]) => list.split(", "));
  assert.deepEqual([...new Set(listedCodes)].sort(), codes);
});

test("every file that the pages for developers name exists", () => {
  const pages = documents.filter((path) => /^(docs\/(dev|adr)\/|docs\/(architecture|contract|style)\.md|CONTRIBUTING\.md)/.test(path));
  const named = pages.flatMap((path) => namedFiles(text(path)).map((name) => [path, name]));
  assert.ok(named.length >= 20, `${named.length} files named`);
  assert.deepEqual(named.filter(([, name]) => !isKnown(name)), []);
});

// Functions and types named in code spans: `name()`, `Type::name()`, `Type`. The sources say whether they exist.
const kCode = /^(src|apps|tests)\/.*\.(h|cc)$/;
const code = [...files].filter((path) => kCode.test(path)).map((path) => ({ path, source: text(path) }));
const kType = String.raw`\b(?:(?:class|struct) (?:alignas\(\d+\) )?(?:\w+::)*TYPE\b[^;{(]*\{|enum class TYPE\b|using TYPE =)|TEST(?:_F|_P)?\(TYPE,`;
const declares = (type) => new RegExp(kType.replaceAll("TYPE", type));
const hasFunction = (source, name) => new RegExp(`(?<![\\w.])${name}(?:<[^>]*>)?\\(`).test(source);

function isNamed(span, among = code) {
  const call = /^(?:\w+::)*?(?:([A-Z]\w*)::)?(\w+)\(\)$/.exec(span);
  if (call === null) {
    const type = span.split("::").at(-1);
    return among.some(({ source }) => declares(type).test(source));
  }
  const [, type, name] = call;
  if (type === undefined) return among.some(({ source }) => hasFunction(source, name));
  const member = new RegExp(`\\b${type}::~?${name}\\(`);
  return among.some(({ source }) => member.test(source) || (declares(type).test(source) && hasFunction(source, name)));
}

const kCallSpan = /^[A-Za-z_]\w*(::\w+)*\(\)$/;
const kTypeSpan = /^(?:\w+::)*[A-Z][a-z0-9]+\w*$/;
const names = (markdown) => spans(markdown).filter((span) => kCallSpan.test(span) || kTypeSpan.test(span));

test("every function and type that the tour and the recipes name exists", () => {
  for (const page of ["docs/dev/tour.md", "docs/dev/recipes.md"]) {
    const named = names(text(page));
    assert.ok(named.length >= 20, `${page}: ${named.length} names`);
    assert.deepEqual(named.filter((name) => !isNamed(name)), [], page);
  }
});

// A stop begins with `file`: `function()`, …; `file`: … A function is in the file before it, or in that file's header or source.
function stops(markdown) {
  return [...markdown.matchAll(/^\*\*Where\.\*\* ([^]*?)\n\n/gm)].flatMap(([, where]) => {
    let file;
    const found = [];
    for (const [, span] of where.matchAll(/`([^`]+)`/g)) {
      if (kNamed.test(span)) file = span;
      else found.push([file, span]);
    }
    return [found];
  });
}
const isTwin = (path, name) => path.replace(/\.\w+$/, "").endsWith(`/${name.replace(/\.\w+$/, "")}`);

test("every function of the tour is in the file that the stop names", () => {
  const all = stops(text("docs/dev/tour.md"));
  assert.equal(all.length, 12);
  const wrong = all.flat().filter(([file, name]) => !isNamed(name, code.filter(({ path }) => isTwin(`/${path}`, file))));
  assert.deepEqual(wrong, []);
});

test("these tests see what is wrong", () => {
  const page = [
    "# One thing: `x`\n## Same\n## Same",
    "[a](b.md) [c](#same-1) [d](#same-2) [e](../README.md#license) [f](../README.md#nothing)",
    "`[g](h.md)` [i](https://x.example/y) [j](/README.md) ![k](../docs/) [l](#one-thing-x)",
    "```\n[m](n.md)\n# o\n```\n[p](#o)\n\n[q]: r.md\n",
  ].join("\n");
  assert.deepEqual(brokenLinks("docs/page.md", page), [
    "docs/page.md: b.md: there is no such file",
    "docs/page.md: #same-2: there is no such heading",
    "docs/page.md: ../README.md#nothing: there is no such heading",
    "docs/page.md: /README.md: there is no such file",
    "docs/page.md: #o: there is no such heading",
    "docs/page.md: r.md: there is no such file",
  ]);
  const comment = "// (contract section 2,\n// row 2) of contract\n  // section 1.7. the contract knows section 9";
  assert.deepEqual(citations(comment), ["2", "1.7"]);
  assert.deepEqual([...sections("# 3 no\n## 1. Calls\n### 1.2 Errors\n## Other 4\n")], ["1", "1.2"]);
  const named = "`hub/broker.h` `a b.h` `*.cc` `x.h()` `README.md`\n```\n`z.h`\n```\n";
  assert.deepEqual(namedFiles(named), ["hub/broker.h", "README.md"]);
  assert.ok(isKnown("close_code.h") && isKnown("wire/close_code.h"));
  assert.ok(!isKnown("wire/close_codes.h") && !isKnown("ose_code.h"));
  assert.deepEqual(names("`a.h` `Hub::join()` `row()` `kRows` `/auth/ticket` `Outlet` `GET` `usher_x`"), ["Hub::join()", "row()", "Outlet"]);
  for (const name of ["Hub::join()", "row()", "Outlet", "hub::Hub::join()", "ShardMetrics", "MetricsTest"]) assert.ok(isNamed(name), name);
  for (const name of ["Hub::accept_one()", "no_such_row()", "Outlets", "Hub::join_()"]) assert.ok(!isNamed(name), name);
  assert.deepEqual(stops("**Where.** `a/b.cc`: `f()`, `A::g()`;\n`c.h`: `h()`.\n\n`i()`"), [[["a/b.cc", "f()"], ["a/b.cc", "A::g()"], ["c.h", "h()"]]]);
  assert.ok(isTwin("/src/net/acceptor.cc", "net/acceptor.h") && !isTwin("/src/net/acceptor_test.cc", "net/acceptor.h"));
});
