// Is each thing of the code in its document, and does the code use it? These tests hold the steps of docs/dev/recipes.md that no
// compiler and no unit test holds. They read sources as text, so they need neither a build nor packages.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const text = (path) => readFileSync(new URL(path, root), "utf8");
const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root, maxBuffer: 1 << 26 });
const kSource = /^(src|apps)\/.*\.(h|cc)$/;
const kTest = /_test\.cc$|_fixture\.h$|^tests\/.*\.(py|cc|js)$/;
const read = (paths) => new Map(paths.map((path) => [path, text(path)]));
const paths = listed.toString().split("\0").filter((path) => path !== "tests/docs/lists.test.js");
const sources = read(paths.filter((path) => kSource.test(path) && !kTest.test(path)));
const tests = read(paths.filter((path) => kTest.test(path)));
const all = (content, pattern) => [...content.matchAll(pattern)].map((match) => match[1]);
const join = (keep) => [...sources].filter(([path]) => keep(path)).map(([, source]) => source).join("\n");
const joinTests = (pattern) => [...tests].filter(([path]) => pattern.test(path)).map(([, source]) => source).join("\n");
const untested = (words, pattern, source = joinTests(pattern)) => words.filter((word) => !new RegExp(`(?<![\\w.])${word}(?![\\w.])`).test(source));
const without = (list, known) => list.filter((each) => !known.includes(each));
const spans = (content) => all(content, /`([^`\n]+)`/g);
const section = (content, heading) => content.split(new RegExp(`^#{2,3} ${heading}$`, "m"))[1]?.split(/^#{2,3} /m)[0] ?? "";

// ---- close codes ----

// Not sent by usher: the client's, or never on the wire.
const kNotSent = ["normal", "no_status", "abnormal", "mandatory_extension"];
const closeCodes = (header) => [...header.matchAll(/^ +([a-z0-9_]+) = (\d{4}),/gm)].map(([, name, code]) => ({ name, code })).filter(({ name }) => !kNotSent.includes(name));
const unusedCodes = (codes, source) => codes.filter(({ name }) => !new RegExp(`CloseCode::${name}\\b`).test(source)).map(({ name }) => name);
const documentedCodes = (page) => [...new Set(all(section(page, "Close codes"), /^\| (\d{4}) \| `/gm))].sort();

test("every close code is in the table of protocol.md, and no other", () => {
  const codes = closeCodes(text("src/wire/close_code.h")).map(({ code }) => code).sort();
  assert.ok(codes.length >= 17, `${codes}`);
  assert.deepEqual(documentedCodes(text("docs/protocol.md")), codes);
});

test("every close code is sent by a place of the code", () => {
  const users = join((path) => path !== "src/wire/close_code.h" && !path.startsWith("src/metrics/"));
  assert.deepEqual(unusedCodes(closeCodes(text("src/wire/close_code.h")), users), []);
});

test("every close code is in a test", () => {
  assert.deepEqual(untested(closeCodes(text("src/wire/close_code.h")).map(({ code }) => code), /./), []);
});

// ---- metrics ----

const metricNames = (source) => [...new Set(all(source, /"(usher_[a-z_]+)"/g))].sort();
const documentedMetrics = (page) => [...new Set(page.split("\n").filter((line) => line.startsWith("| `usher_")).flatMap((line) => spans(line.split("|")[1])))].filter((name) => /^usher_[a-z_]+$/.test(name)).sort();

// Members of the structs that count. Each must be on the page (`&M::name`, or a use in the file that adds it) and be counted.
const counters = (header) => all(header, /^ +(?:metrics::)?(?:Counter|Gauge|PerEnum<[\w:]+>|std::array<Counter, [^>]+>) (\w+);/gm);
const isOnPage = (name, page) => new RegExp(`(?:::|\\.)${name}\\b`).test(page);
const isCounted = (name, source) => new RegExp(`\\b${name}(?:\\[[^;]*?\\])?\\s*\\.\\s*(?:add|set)\\(`).test(source);

test("every metric is in the table of operations.md, and no other", () => {
  const inCode = metricNames(join(() => true));
  assert.ok(inCode.length >= 35, `${inCode}`);
  assert.deepEqual(documentedMetrics(section(text("docs/operations.md"), "Metrics")), inCode);
});

test("every count is on the page of metrics, something counts it, and a test sees it", () => {
  const pages = join((path) => /"usher_/.test(sources.get(path)));
  const everything = join(() => true);
  const members = [...sources.values()].flatMap(counters);
  assert.ok(members.length >= 20, `${members}`);
  assert.deepEqual(members.filter((name) => !isOnPage(name, pages)), []);
  assert.deepEqual(members.filter((name) => !isCounted(name, everything)), []);
  const seen = joinTests(/./);
  const kOfHelper = "by_status"; // in metrics/counts.h, behind a function
  assert.deepEqual(members.filter((name) => name !== kOfHelper && !new RegExp(`[.:]${name}\\b`).test(seen)), []);
});

// ---- configuration keys ----

const configKeys = (table) => all(table, /^ +(?:RESTART_|ON_OFF_)?KEY\(\s*([a-z_.]+),/gm);
const isRead = (key, source) => {
  const [group, member] = key.split(".");
  const names = group === "jwt" ? "(?:jwt|issuer)" : group; // one issuer is read like each of several
  return new RegExp(`\\b${names}(?:_config)?\\.${member}\\b`).test(source);
};

// Members of the groups, as `group.member`. Namespaces and issuers have tables of their own.
function configMembers(header) {
  const groups = [...header.split("struct Config {")[1].matchAll(/^ {2}(\w+Config) (\w+);/gm)];
  return groups.flatMap(([, type, group]) => {
    const [, base, own] = header.match(new RegExp(`struct ${type}(?: : (\\w+))? \\{([^]*?)\n\\};`));
    const body = own + (base ? header.split(`struct ${base} {`)[1].split("\n};")[0] : "");
    return all(body, /^ {2}[\w:]+(?:<[^;={]*>)? (\w+)\s*(?:=[^;]*|\{[^;]*\})?;/gm).map((member) => `${group}.${member}`);
  }).filter((member) => !["channel.namespaces", "jwt.issuers"].includes(member));
}

test("every member of the configuration has a key, and every key a member", () => {
  assert.deepEqual(configMembers(text("src/config/config.h")).sort(), configKeys(text("src/config/config_table.cc")).sort());
});

test("every configuration key is read outside of the configuration", () => {
  const keys = configKeys(text("src/config/config_table.cc"));
  assert.ok(keys.length >= 80, `${keys.length}`);
  const consumers = join((path) => !path.startsWith("src/config/"));
  assert.deepEqual(keys.filter((key) => !isRead(key, consumers)), []);
});

// ---- commands, calls, hooks ----

test("every command has an example in protocol.md, and is in the contract's list", () => {
  const commands = all(text("src/wire/protocol_command.cc"), /Method\{"([a-z_]+)"/g);
  assert.ok(commands.length >= 12, `${commands}`);
  const examples = all(text("docs/protocol.md"), /^C \{(?:"id":\d+,)?"([a-z_]+)":/gm);
  assert.deepEqual(without(commands, examples), []);
  assert.deepEqual(without(commands, spans(section(text("docs/contract.md"), "3\\. Messages"))), []);
});

test("every command is in the tests of its reading, and in a test of its answer", () => {
  const commands = all(text("src/wire/protocol_command.cc"), /Method\{"([a-z_]+)"/g).map((name) => `"${name}\\\\?"`); // in C++ also \"name\"
  assert.deepEqual(untested(commands, /protocol_command_test\.cc$/), []);
  assert.deepEqual(untested(commands, /^src\/session\/|^tests\/integration\//), []);
});

test("every call of the server API is in the tests of its reading, and in a test of its answer", () => {
  const calls = all(text("src/api/api_method.cc"), /^ +return "([a-z_]+)";/gm).filter((call) => call !== "batch");
  assert.deepEqual(without(calls, all(joinTests(/api_request_test\.cc$/), /\{ApiMethod::([a-z_]+),/g)), []);
  assert.deepEqual(untested(calls.map((call) => `"${call}"`), /api_(calls|route)_test\.cc$/), []);
});

test("every call of the server API is in the contract's list", () => {
  const calls = all(text("src/api/api_method.cc"), /^ +return "([a-z_]+)";/gm);
  assert.ok(calls.length >= 16, `${calls}`);
  const named = all(section(text("docs/contract.md"), "4\\. Server API").replace(/\/api\/\{([a-z_,]+)\}/g, (_, list) => list.split(",").map((call) => `/api/${call}`).join(" ")), /\/api\/([a-z_]+)/g);
  assert.deepEqual(without(calls, named), []);
});

test("every event and every URL of a hook is in hooks.md, and is sent or read by the code", () => {
  const page = text("docs/hooks.md");
  const kinds = all(text("src/hooks/hook_message.cc"), /return "usher\.([a-z_]+)";/g);
  assert.ok(kinds.length >= 5, `${kinds}`);
  assert.deepEqual(without(kinds.map((kind) => `usher.${kind}`), all(page, /^\| `(usher\.[a-z_]+)` \|/gm)), []);
  assert.deepEqual(untested(kinds.map((kind) => `Kind::${kind}`), /./, joinTests(/hook_message_test\.cc$/).replaceAll("HookEvent::", "")), []);
  const senders = join((path) => /^src\/session\/.*\.cc$|^src\/hooks\/shard_ticket_hook\.cc$/.test(path));
  assert.deepEqual(kinds.filter((kind) => !senders.includes(`Kind::${kind}`)), []);
  const urls = all(text("src/config/config_table.cc"), /KEY\(hooks\.([a-z_]+_url),/g);
  assert.deepEqual(without(urls, all(page, /^([a-z_]+_url) = /gm)), []);
  const any = /bool any\(\) const \{([^}]*)\}/.exec(text("src/config/config.h").split("struct HooksConfig")[1])[1];
  assert.deepEqual(urls.filter((url) => !any.includes(url)), []);
  const check = text("src/config/config_check.cc");
  assert.deepEqual(urls.filter((url) => !check.includes(`check_hook(report, "hooks.${url}"`)), []);
});

test("these tests see what is wrong", () => {
  const header = "  normal = 1000,\n  odd = 4000,  // text\n  new_one = 4001,\n";
  assert.deepEqual(closeCodes(header).map(({ name }) => name), ["odd", "new_one"]);
  assert.deepEqual(unusedCodes(closeCodes(header), "f(CloseCode::odd, CloseCode::new_one_more)"), ["new_one"]);
  assert.deepEqual(documentedCodes("| 1 | `x` |\n## Close codes\n| 4000 | `A` |\n| 4000 | `B` |\n## Limits\n| 4001 | `C` |\n"), ["4000"]);
  assert.deepEqual(metricNames('add("usher_a_total", "usher_ is not one")'), ["usher_a_total"]);
  assert.deepEqual(documentedMetrics("| `usher_b`, `usher_a` | `label` | see `usher_c` |\n`usher_d`"), ["usher_a", "usher_b"]);
  assert.deepEqual(counters("  Counter a;  // x\n  Gauge b;\n  PerEnum<X> c;\n  metrics::Counter d;\n  std::array<Counter, kCodes.size()> e;\n  Counter f();"), ["a", "b", "c", "d", "e"]);
  assert.ok(isOnPage("a", "&M::a") && !isOnPage("a", "&M::ab a"));
  assert.ok(isCounted("a", "m.a[X::y].add()") && isCounted("a", "m.a.set(3)") && !isCounted("a", "ba.add() a.value()"));
  assert.deepEqual(configKeys("    KEY(a.b, kAny,\n #define KEY(path, range)"), ["a.b"]);
  const config = "struct AConfig {\n  Duration x = std::chrono::seconds(1);\n  std::vector<int> y;  // z\n  bool f() const { return x; }\n};\nstruct Config {\n  bool dev = false;\n  AConfig a;\n};";
  assert.deepEqual(configMembers(config), ["a.x", "a.y"]);
  assert.deepEqual(untested(["a", "3013", '"b"'], /./, 'aa 13013 "b"'), ["a", "3013"]);
  assert.ok(isRead("a.b", "config.a.b;") && !isRead("a.b", "config.a.bc xa.b"));
});
