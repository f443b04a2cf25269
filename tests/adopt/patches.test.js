// Each patch has at most 20 changed lines, all of usher's configuration included, and applies to the application as it is.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { copyApp, kApps, patchOf } from "./apps.js";

const kMost = 20;
const here = fileURLToPath(new URL(".", import.meta.url));

test("every application of this folder is known, and has a patch", () => {
  const folders = readdirSync(here, { withFileTypes: true }).filter((each) => each.isDirectory() && each.name !== "node_modules");
  assert.deepEqual(folders.map(({ name }) => name).sort(), Object.keys(kApps).sort());
});

for (const name of Object.keys(kApps)) {
  test(`${name}.patch changes at most ${kMost} lines, removed ones and usher.toml counted`, () => {
    const { lines } = patchOf(name);
    assert.ok(lines.length > 0 && lines.length <= kMost, `${lines.length} lines:\n${lines.join("\n")}`);
    assert.ok(lines.every((line) => line.length <= 140), "a line that hides several");
  });

  test(`${name}.patch applies without fuzz and brings usher.toml`, () => {
    const folder = copyApp(name, { patched: true });
    try {
      assert.ok(existsSync(`${folder}/usher.toml`));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

// The pages say that their lines are the patch's.
const kPages = { express: "node", channels: "django", actioncable: "rails" };
for (const [name, page] of Object.entries(kPages)) {
  test(`docs/doors/${page}.md has every line that ${name}.patch adds, but the one that names a package`, () => {
    const text = readFileSync(new URL(`../../docs/doors/${page}.md`, import.meta.url), "utf8");
    const added = patchOf(name).lines.filter((line) => line.startsWith("+")).map((line) => line.slice(1).trim());
    assert.ok(added.length >= 10);
    assert.deepEqual(added.filter((line) => !text.includes(line) && !line.includes('"jsonwebtoken": ')), []);
  });
}
