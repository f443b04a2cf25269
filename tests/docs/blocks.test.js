// Are the examples of docs/doors.md and docs/doors/ what they say they are: YAML that parses, modules without a syntax error?
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseDocument } from "yaml";

const docs = new URL("../../docs/", import.meta.url);
const pages = ["doors.md", ...readdirSync(new URL("doors/", docs)).map((name) => `doors/${name}`)];
const blocksOf = (text, language) => [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))].map(([, block]) => block);
const blocks = (language) => pages.flatMap((page) => blocksOf(readFileSync(new URL(page, docs), "utf8"), language).map((block) => [page, block]));

const yamlFaults = (block) => parseDocument(block).errors.map(({ message }) => message);

function jsFaults(block) {
  const folder = mkdtempSync(join(tmpdir(), "usher-block-"));
  try {
    writeFileSync(join(folder, "block.mjs"), block);
    execFileSync(process.execPath, ["--check", "block.mjs"], { cwd: folder, stdio: "pipe" });
    return [];
  } catch (error) {
    return [`${error.stderr}`];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("every YAML block parses", () => {
  const found = blocks("yaml");
  assert.ok(found.length >= 5, `${found.length}`);
  for (const [page, block] of found) assert.deepEqual(yamlFaults(block), [], `${page}:\n${block}`);
});

test("every block of JavaScript is a module without a syntax error", () => {
  const found = blocks("js");
  assert.ok(found.length >= 15, `${found.length}`);
  for (const [page, block] of found) assert.deepEqual(jsFaults(block), [], `${page}:\n${block}`);
});

test("these tests see what is wrong", () => {
  assert.notDeepEqual(yamlFaults("a: [1\nb: 2\n"), []);
  assert.notDeepEqual(jsFaults("const a = (;\n"), []);
  assert.deepEqual(blocksOf("```js\na\n```\ntext\n```js\nb\n```\n```yaml\nc\n```\n", "js"), ["a\n", "b\n"]);
});
