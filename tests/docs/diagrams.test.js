// Are the diagrams of docs/diagrams true: is each SVG drawn from its .dot as it stands, has rooms.dot exactly the rooms and arrows
// of src/CMakeLists.txt, has connection.dot exactly the phases of the code, and do the named units exist?
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const kFolder = "docs/diagrams";
const text = (path) => readFileSync(new URL(path, root), "utf8");
const exists = (path) => existsSync(new URL(path, root));
const list = (folder) => readdirSync(new URL(folder, root)).sort();
const names = (ending) => list(kFolder).filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));

// What the text of a .dot file says: node names and arrows. It reads the plain form that these files have: one statement a line,
// several nodes parted by `;`.
function graph(dot) {
  const nodes = new Set();
  const arrows = new Set();
  const bare = (name) => name.replaceAll('"', "");
  for (const line of dot.split("\n").map((each) => each.trim()).filter((each) => !/^(\/\/|digraph|(graph|node|edge) \[|\}|$)/.test(each))) {
    const arrow = /^("?\w+"?) -> ("?\w+"?)/.exec(line);
    if (arrow) arrows.add(`${bare(arrow[1])} -> ${bare(arrow[2])}`);
    else for (const name of line.replace(/\[[^]*\]/, "").split(";")) nodes.add(bare(name.trim()));
  }
  return { nodes: [...nodes].sort(), arrows: [...arrows].sort() };
}

// The rooms as CMake has them: `usher_layer(name … DEPENDS a b …)`.
function rooms(cmake) {
  const nodes = [];
  const arrows = [];
  for (const [, call] of cmake.replace(/#[^\n]*/g, "").matchAll(/^usher_layer\(([^)]*)\)/gm)) {
    const [name, ...words] = call.split(/\s+/).filter((word) => word !== "");
    let list = "";
    nodes.push(name);
    for (const word of words) {
      if (/^[A-Z_]+$/.test(word)) list = word;
      else if (list === "DEPENDS") arrows.push(`${name} -> ${word}`);
    }
  }
  return { nodes: nodes.sort(), arrows: arrows.sort() };
}

const phases = (source) => /enum class Phase : std::uint8_t \{([^}]*)\}/.exec(source)?.[1].replace(/\/\/.*$/gm, "")
  .match(/\w+/g).filter((name) => name !== "count_").sort();

// Units named in labels: `room/name`, in src/ or, for a program, in apps/.
const labels = (dot) => dot.replace(/^ *\/\/.*$/gm, "").replaceAll("\\n", " ");
const units = (dot) => [...labels(dot).matchAll(/\b([a-z_]+\/[a-z_]+)\b/g)].map((match) => match[1]);
const isUnit = (name) => [`src/${name}.h`, `src/${name}.cc`, `src/${name}`, `${name}.cc`].some(exists);

test("each diagram is drawn, from its .dot as it stands (else: scripts/diagrams)", () => {
  assert.deepEqual(names(".dot"), ["connection", "rooms", "threads"]);
  assert.deepEqual(names(".svg"), names(".dot"));
  for (const name of names(".dot")) {
    const drawn = createHash("sha256").update(text(`${kFolder}/${name}.dot`)).digest("hex");
    assert.ok(text(`${kFolder}/${name}.svg`).includes(`<!-- drawn from sha256 ${drawn} -->`), `${name}.svg is not drawn from ${name}.dot`);
  }
});

test("the rooms and arrows of rooms.dot are those of src/CMakeLists.txt", () => {
  const known = rooms(text("src/CMakeLists.txt"));
  assert.ok(known.nodes.length >= 20 && known.arrows.length >= 40, `${known.nodes} ${known.arrows}`);
  const found = graph(text(`${kFolder}/rooms.dot`));
  assert.deepEqual(found.nodes, known.nodes.map((name) => name.replace(/^usher_/, "")));
  assert.deepEqual(found.arrows, known.arrows);
});

test("the phases of connection.dot are those of the code", () => {
  const found = list("src/net").map((name) => phases(text(`src/net/${name}`))).filter((each) => each);
  assert.equal(found.length, 1, "one enum Phase in src/net");
  const { nodes, arrows } = graph(text(`${kFolder}/connection.dot`));
  assert.deepEqual(nodes.filter((name) => name !== "start"), found[0]);
  assert.deepEqual(arrows.flatMap((arrow) => arrow.split(" -> ")).filter((name) => !nodes.includes(name)), []);
});

test("every unit that a diagram names exists", () => {
  const named = names(".dot").flatMap((name) => units(text(`${kFolder}/${name}.dot`)));
  assert.ok(named.length >= 8, `${named}`);
  assert.deepEqual(named.filter((name) => !isUnit(name)), []);
});

test("these tests see what is wrong", () => {
  const dot = '// x\ndigraph g {\n  node [a=b]\n  a; "edge"\n  b [label="x/y\\nz"]\n  a -> "edge" [label="c -> d"]\n}\n';
  assert.deepEqual(graph(dot), { nodes: ["a", "b", "edge"], arrows: ["a -> edge"] });
  assert.deepEqual(units(dot), ["x/y"]);
  const cmake = "usher_layer(a LIBS x::y)\n# usher_layer(c)\nusher_layer(b FOLDER f/g DEPENDS a\n  TEST_DEPENDS z)";
  assert.deepEqual(rooms(cmake), { nodes: ["a", "b"], arrows: ["b -> a"] });
  assert.deepEqual(phases("enum class Phase : std::uint8_t {\n b,  // c\n a,\n count_\n};"), ["a", "b"]);
  assert.ok(isUnit("net/shard") && isUnit("apps/serve") && isUnit("redis/link") && !isUnit("net/shards"));
});
