// Gives the variables of minified code names that gzip likes: the same few letters for the first parameters everywhere, then
// as many swaps of two names as leave it smaller. The same code always gets the same names.

import { gzipSync } from 'node:zlib';
import { parse } from 'acorn';
import { analyze } from 'eslint-scope';

const kNames = [...'etnirsoaclduhpfmgvbwyxkjqzABCDEFGHIJKLMNOPQRSTUVWXYZ$_'];
const kSwaps = 30_000;

export const gzipBytes = (code) => gzipSync(code, { level: 9 }).length;

export function withGoodNames(code) {
  const { variables, globals, print } = understood(code);
  const kFree = kNames.filter((name) => !globals.has(name));

  // The innermost first: there are the patterns that repeat.
  const inner = variables.filter((variable) => !isOuter(variable));
  const outer = variables.filter(isOuter);
  for (const variable of variables) variable.now = null;
  for (const variable of [...inner.sort(byPlace), ...outer.sort(byUses)]) {
    const taken = new Set([...variable.rivals].map(({ now }) => now));
    variable.now = [...kFree, ...pairs(kFree)].find((name) => !taken.has(name));
  }

  const random = generator(1);
  let best = gzipBytes(print());
  for (let n = 0; n < kSwaps; ++n) {
    const one = variables[Math.floor(random() * variables.length)];
    const name = kFree[Math.floor(random() * random() * kFree.length)];
    const before = one.now;
    const others = [...one.rivals].filter(({ now }) => now === name);
    // Who had that name takes the other one, if none of its own rivals has it.
    if (name === before || others.some(({ rivals }) => [...rivals].some((rival) => rival !== one && rival.now === before))) continue;
    const give = (mine, theirs) => {
      one.now = mine;
      for (const other of others) other.now = theirs;
    };
    give(name, before);
    const bytes = gzipBytes(print());
    if (bytes > best) give(before, name);
    else best = bytes;
  }
  return print();
}

/** The code's variables: where they are, which others they must differ from, and the code with their names of `now`. */
function understood(code) {
  const tree = parse(code, { ecmaVersion: 2022, sourceType: 'module', ranges: true });
  const { scopes } = analyze(tree, { ecmaVersion: 2022, sourceType: 'module' });
  const variables = scopes.flatMap((scope) => scope.variables).filter(({ defs }) => defs.length > 0);
  const globals = new Set();
  const seen = new Map(scopes.map((scope) => [scope, new Set(scope.variables.filter(({ defs }) => defs.length > 0))]));
  for (const scope of scopes) {
    for (const { resolved, identifier } of scope.references) {
      if (!resolved?.defs.length) globals.add(identifier.name);
      else for (let at = scope; ; at = at.upper) {
        seen.get(at).add(resolved);
        if (at === resolved.scope) break;
      }
    }
  }
  for (const variable of variables) {
    variable.now = variable.name;
    variable.rivals = new Set();
    variable.places = new Set([...variable.identifiers, ...variable.references.map(({ identifier }) => identifier)].map(({ range }) => range[0]));
  }
  for (const together of seen.values()) for (const one of together) for (const other of together) if (one !== other) one.rivals.add(other);

  const uses = variables.flatMap((variable) => [...variable.places].map((place) => ({ place, variable }))).sort((a, b) => a.place - b.place);
  const shorthand = shorthands(tree);
  let end = 0;
  const pieces = uses.map(({ place, variable }) => {
    const before = code.slice(end, place) + (shorthand.has(place) ? `${variable.name}:` : '');
    end = place + variable.name.length;
    return { before, variable };
  });
  const tail = code.slice(end);
  return { variables, globals, print: () => pieces.map(({ before, variable }) => before + variable.now).join('') + tail };
}

/** Where `{ a }` stands for `{ a: a }`. */
function shorthands(tree) {
  const places = new Set();
  const visit = (node) => {
    if (node.type === 'Property' && node.shorthand) places.add(node.range[0]);
    if (node.type === 'ExportSpecifier' && node.local.name === node.exported.name) throw new Error('an export without an alias');
    for (const child of Object.values(node).flat()) if (typeof child?.type === 'string') visit(child);
  };
  visit(tree);
  return places;
}

/** Module-level variables and the state of a closure, not what lives in one call. */
const isOuter = ({ scope }) => scope.type === 'module' || scope.variables.length > 14;
const depth = ({ upper, type }) => (upper ? depth(upper) : 0) + (type === 'function' || type === 'module' ? 1 : 0);
const byPlace = (a, b) => depth(a.scope) - depth(b.scope) || Math.min(...a.places) - Math.min(...b.places);
const byUses = (a, b) => b.places.size - a.places.size;
const pairs = (names) => names.flatMap((one) => names.map((other) => one + other));

/** The same numbers every time. */
function generator(seed) {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}
