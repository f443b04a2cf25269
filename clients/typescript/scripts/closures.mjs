// Rewrites the source's classes as functions over their private state, before they are bundled:
//
//   class Counter { #n = 0; add() { this.#n += 1; } }
//   const Counter = function () { let $n = 0; function $$add() { $n += 1; } return { add: $$add }; };
//
// A minifier may rename and inline variables, but has to leave `this.#n` and methods standing; gzipped, that is a twelfth
// of the bundle. Who uses the class sees no difference. Only what our sources use of classes is understood; the rest throws.

import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';

const folder = new URL('../src/', import.meta.url);
const classes = readdirSync(folder).flatMap((name) =>
  [...readFileSync(new URL(name, folder), 'utf8').matchAll(/^export class (\w+)/gm)].map(([, found]) => found));
/** What applications get: stays a constructor, whose objects are its instances. */
const kPublic = 'UsherClient';

export function withClosures(text, path) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  return rewritten(source, source, (node) => {
    if (ts.isClassDeclaration(node)) return asFunction(node, source);
    return withoutNew(node, source);
  });
}

/** For esbuild: every source file as it is read. */
export const closures = {
  name: 'closures',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/]\w+\.ts$/ }, ({ path }) => ({ loader: 'ts', contents: withClosures(readFileSync(path, 'utf8'), path) }));
  },
};

/** The text of `node`, with the outermost nodes that `replace` has something for replaced. */
function rewritten(node, source, replace) {
  const start = node.getStart(source);
  const edits = [];
  const visit = (child) => {
    const by = replace(child);
    if (by === undefined) ts.forEachChild(child, visit);
    else edits.push([child.getStart(source), child.getEnd(), by]);
  };
  visit(node);
  let text = source.text.slice(start, node.getEnd());
  for (const [from, to, by] of edits.reverse()) text = text.slice(0, from - start) + by + text.slice(to - start);
  return text;
}

/** Functions that return their object need no `new`, and can then become arrows. */
function withoutNew(node, source) {
  const inside = ts.isNewExpression(node) && classes.includes(node.expression.getText(source)) && node.expression.text !== kPublic;
  return inside ? `${node.expression.text}(${node.arguments.map((argument) => rewritten(argument, source, (child) => withoutNew(child, source))).join(', ')})` : undefined;
}

function asFunction(node, source) {
  const name = node.name.text;
  const methods = node.members.filter(ts.isMethodDeclaration).map((member) => member.name.text);
  const local = (member) => (member.startsWith('#') ? `$${member.slice(1)}` : methods.includes(member) ? `$$${member}` : `$self.${member}`);
  const constructor = node.members.find(ts.isConstructorDeclaration);
  const kept = keptParameters(constructor, source);
  const code = (part) => rewritten(part, source, (child) => {
    if (ts.isExpressionStatement(child) && kept.has(child)) return '';
    if (isUseOf(child, kept, constructor)) return ts.isShorthandPropertyAssignment(child.parent) ? `${child.text}: ${kept.get(child.text)}` : kept.get(child.text);
    if (ts.isPropertyAccessExpression(child) && child.expression.kind === ts.SyntaxKind.ThisKeyword) return local(child.name.text);
    if (child.kind === ts.SyntaxKind.ThisKeyword) throw new Error(`${source.fileName}: \`this\` by itself`);
    return isWithoutNew(child) ? withThisAndWithoutNew(child) : undefined;
  });
  const isWithoutNew = (child) => withoutNew(child, source) !== undefined;
  const withThisAndWithoutNew = (child) => `${child.expression.text}(${child.arguments.map(code).join(', ')})`;
  const parameters = (member) => (member ? member.parameters.map(code).join(', ') : '');

  const state = [];
  const functions = [];
  const self = name === kPublic ? ['__proto__: this'] : [];
  for (const member of node.members) {
    if (ts.isConstructorDeclaration(member)) continue;
    const known = member.name.text;
    const hidden = known.startsWith('#');
    if (ts.isPropertyDeclaration(member)) {
      if ([...kept.values()].includes(local(known))) continue;
      const value = member.initializer ? code(member.initializer) : 'undefined';
      if (hidden) state.push(`let ${local(known)}: any = ${value};`);
      else self.push(`${known}: ${value} as any`);
    } else if (ts.isMethodDeclaration(member)) {
      const async = member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ? 'async ' : '';
      functions.push(`${async}function ${local(known)}(${parameters(member)}): any ${code(member.body)}`);
      if (!hidden) self.push(`${known}: ${local(known)}`);
    } else if (ts.isGetAccessor(member)) {
      self.push(`get ${known}(): any ${code(member.body)}`);
    } else {
      throw new Error(`${source.fileName}: what is this member? ${member.getText(source)}`);
    }
  }
  return `export const ${name}: any = function (${parameters(constructor)}) {
    ${state.join('\n')}
    const $self = { ${self.join(',\n')} };
    ${constructor ? code(constructor.body).slice(1, -1) : ''}
    return $self;
    ${functions.join('\n')}
  };`;
}

/**
 * Parameters that a constructor only stores, `this.#url = url`: the parameter then is the state. By its name, what it is
 * called as state; and the statements that fall away.
 */
function keptParameters(constructor, source) {
  const kept = new Map();
  for (const statement of constructor?.body.statements ?? []) {
    const [, field, name] = statement.getText(source).match(/^this\.#(\w+) = (\w+);$/) ?? [];
    if (!constructor.parameters.some((parameter) => parameter.name.text === name)) continue;
    kept.set(name, `$${field}`);
    kept.set(statement, '');
  }
  return kept;
}

/** Whether `node` is such a parameter, where it is declared or used. */
function isUseOf(node, kept, constructor) {
  if (!ts.isIdentifier(node) || !kept.has(node.text)) return false;
  const isName = (ts.isPropertyAccessExpression(node.parent) || ts.isPropertyAssignment(node.parent)) && node.parent.name === node;
  for (let at = node; at; at = at.parent) if (at === constructor) return !isName;
  return false;
}
