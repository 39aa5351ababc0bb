/**
 * What the project calls untidy, as pure functions from a text to complaints. Each complaint starts with
 * `file:line` so that an editor can jump to it. Words are found in the syntax tree where a comment or a string could
 * mislead, and in the text where comments are meant.
 */
import ts from 'typescript';
import { parseSource, walk } from './sources.ts';

/** Longer lines do not fit beside each other in a review. */
export const COLUMNS_MAX = 130;
/** A longer file holds more than one thing. */
export const LINES_MAX = 600;

/** Names that let the clock, the machine or its language settings into a run. */
const OUTSIDE = new Set([
  'Date',
  'Intl',
  'Temporal',
  'clearInterval',
  'clearTimeout',
  'crypto',
  'fetch',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
]);

/** Methods that do so whatever they are called on; their answer hangs on the platform's language data. */
const OUTSIDE_METHODS = new Set([
  'localeCompare',
  'toLocaleString',
  'toLocaleLowerCase',
  'toLocaleUpperCase',
]);

/** What tests hang `.only` and `.skip` on. */
const TEST_FUNCTIONS = new Set(['bench', 'describe', 'it', 'suite', 'test']);

/** A file starts with a comment for the reader, of at least one full sentence. */
export function findHeadProblems(file: string, text: string): string[] {
  const head = /^(?:#!.*\n)?\s*\/\*\*(.*?)\*\//s.exec(text);
  if (head?.[1] === undefined) return [`${file}:1: does not start with a head comment /** ... */`];
  const prose = head[1]
    .replaceAll(/^[ \t]*\*/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const sentence = /^[A-Z\d`'"(].*?[.!?](?=$|[\s`'")])/.exec(prose)?.[0] ?? '';
  return sentence.split(' ').length < 4 ? [`${file}:1: the head comment holds no full sentence`] : [];
}

/** No notes to oneself are left behind. */
export function findLeftovers(file: string, text: string): string[] {
  return eachLine(text, (line) => {
    const word = /\b(?:TODO|FIXME|XXX)\b/.exec(line)?.[0];
    return word === undefined ? undefined : `${word} was left behind`;
  }).map(({ line, complaint }) => `${file}:${line}: ${complaint}`);
}

/** No line is too long to read, and no file. */
export function findOversize(file: string, text: string): string[] {
  const long = eachLine(text, (line) => {
    const columns = Array.from(line).length;
    return columns > COLUMNS_MAX ? `${columns} columns, more than ${COLUMNS_MAX}` : undefined;
  });
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  const complaints = long.map(({ line, complaint }) => `${file}:${line}: ${complaint}`);
  if (lines > LINES_MAX) complaints.push(`${file}:${LINES_MAX}: ${lines} lines, more than ${LINES_MAX}`);
  return complaints;
}

/** No clock, no randomness and nothing else from outside the scenario. */
export function findOutsideWorld(file: string, text: string): string[] {
  const source = parseSource(file, text);
  const declared = findDeclarations(source);
  return eachNode(source, (node) => {
    if (ts.isPropertyAccessExpression(node)) {
      const name = node.name.text;
      if (OUTSIDE_METHODS.has(name)) return `${name} asks the platform's language data`;
      const owner = ts.isIdentifier(node.expression) ? node.expression.text : '';
      if (owner === 'Math' && name === 'random') return 'Math.random is not repeatable';
      if (owner === 'globalThis' && OUTSIDE.has(name)) return `globalThis.${name} reaches outside the run`;
    }
    if (ts.isIdentifier(node) && OUTSIDE.has(node.text) && !isOwnName(node) && !isDeclared(node, declared)) {
      return `${node.text} reaches outside the run`;
    }
    return undefined;
  });
}

/** No test is left switched off, nor the others by one that is singled out. */
export function findSkippedTests(file: string, text: string): string[] {
  return eachNode(parseSource(file, text), (node) => {
    if (!ts.isPropertyAccessExpression(node)) return undefined;
    const name = node.name.text;
    if (name !== 'only' && name !== 'skip') return undefined;
    let owner: ts.Expression = node.expression;
    while (ts.isPropertyAccessExpression(owner)) owner = owner.expression;
    return ts.isIdentifier(owner) && TEST_FUNCTIONS.has(owner.text)
      ? `${owner.text}.${name} was left behind`
      : undefined;
  });
}

/** For each name, the nodes within which a declaration of the file gives it a meaning of its own. */
function findDeclarations(source: ts.SourceFile): Map<string, Set<ts.Node>> {
  const scopes = new Map<string, Set<ts.Node>>();
  walk(source, (node) => {
    const declares =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isImportClause(node) ||
      ts.isImportSpecifier(node) ||
      ts.isNamespaceImport(node);
    if (!declares || node.name === undefined || !ts.isIdentifier(node.name)) return;
    let scope: ts.Node = node.parent;
    while (!isScope(scope)) scope = scope.parent;
    const known = scopes.get(node.name.text) ?? new Set();
    scopes.set(node.name.text, known.add(scope));
  });
  return scopes;
}

function isScope(node: ts.Node): boolean {
  return (
    ts.isSourceFile(node) ||
    ts.isBlock(node) ||
    ts.isFunctionLike(node) ||
    ts.isForStatement(node) ||
    ts.isForOfStatement(node) ||
    ts.isForInStatement(node) ||
    ts.isCaseBlock(node) ||
    ts.isCatchClause(node)
  );
}

function isDeclared(use: ts.Identifier, declared: ReadonlyMap<string, ReadonlySet<ts.Node>>): boolean {
  const scopes = declared.get(use.text);
  if (scopes === undefined) return false;
  for (let node: ts.Node = use.parent; !ts.isSourceFile(node); node = node.parent)
    if (scopes.has(node)) return true;
  return scopes.has(use.getSourceFile());
}

/** Whether an identifier is a name given here (a member, a declaration, a key) and not a use of the global. */
function isOwnName(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  if (ts.isShorthandPropertyAssignment(parent)) return false;
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isMethodSignature(parent) ||
      ts.isGetAccessorDeclaration(parent) ||
      ts.isSetAccessorDeclaration(parent)) &&
    parent.name === node
  );
}

function eachLine(
  text: string,
  judge: (line: string) => string | undefined,
): { readonly line: number; readonly complaint: string }[] {
  return text.split('\n').flatMap((content, index) => {
    const complaint = judge(content);
    return complaint === undefined ? [] : [{ line: index + 1, complaint }];
  });
}

function eachNode(source: ts.SourceFile, judge: (node: ts.Node) => string | undefined): string[] {
  const complaints: string[] = [];
  walk(source, (node) => {
    const complaint = judge(node);
    if (complaint === undefined) return;
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    complaints.push(`${source.fileName}:${line + 1}: ${complaint}`);
  });
  return complaints;
}
