/**
 * Reads the project's own sources for the tests that judge them: which files there are, and what each imports.
 * Imports are taken from the syntax tree of the TypeScript compiler, so that comments, strings and line breaks
 * cannot hide or fake one.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The root of the checkout, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** One source file as the rules see it: where it is, and the files and packages it imports. */
export interface ImportingFile {
  /** Path from the root of the checkout, with forward slashes. */
  readonly file: string;
  /**
   * What it imports, in order: a path from the root of the checkout for a relative import, the specifier as
   * written for a package or a Node module, and `UNKNOWN_IMPORT` for a dynamic import of a computed name.
   */
  readonly imports: readonly string[];
}

/** Stands for `import(expression)`, whose target cannot be told from the text. */
export const UNKNOWN_IMPORT = '(computed)';

/**
 * The files below the folders that git tracks or would track; without git (an unpacked archive), all of them.
 * Files that are deleted but still tracked are left out.
 */
export function listFiles(folders: readonly string[], ending = '.ts'): string[] {
  return listAll(folders)
    .filter((file) => file.endsWith(ending) && existsSync(ROOT + file))
    .toSorted();
}

function listAll(folders: readonly string[]): string[] {
  if (existsSync(`${ROOT}.git`)) {
    const listed = execFileSync(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate', '--', ...folders],
      { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 },
    );
    return listed.split('\0').filter((file) => file !== '');
  }
  return globSync(
    folders.flatMap((folder) => [folder, `${folder}/**/*`]),
    { cwd: ROOT, withFileTypes: true },
  )
    .filter((entry) => entry.isFile())
    .map((entry) => posix.join(entry.parentPath, entry.name).slice(ROOT.length));
}

/** The text of a file, given by its path from the root. */
export function readSource(file: string): string {
  return readFileSync(ROOT + file, 'utf8');
}

/** The syntax tree of a text, with parent links. */
export function parseSource(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

/** Calls `visit` on every node of a tree, parents first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => {
    walk(child, visit);
  });
}

/**
 * Everything that a text imports, type-only imports included: static imports and re-exports, `import()` as an
 * expression and as a type, `import x = require()`, `import.meta.resolve()`, and files named for a worker or an asset by
 * `new URL('./file.ts', import.meta.url)`.
 */
export function importsOf(file: string, text: string): ImportingFile {
  const imports: string[] = [];
  const add = (specifier: string): void => {
    const local = specifier.startsWith('./') || specifier.startsWith('../');
    imports.push(local ? posix.join(posix.dirname(file), specifier) : specifier);
  };
  walk(parseSource(file, text), (node) => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier !== undefined
    ) {
      if (ts.isStringLiteral(node.moduleSpecifier)) add(node.moduleSpecifier.text);
    } else if (ts.isImportTypeNode(node)) {
      if (ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
        add(node.argument.literal.text);
      }
    } else if (ts.isExternalModuleReference(node)) {
      if (ts.isStringLiteral(node.expression)) add(node.expression.text);
    } else if (ts.isCallExpression(node) && isImportCall(node)) {
      const literals = node.arguments[0] === undefined ? [] : stringsWithin(node.arguments[0]);
      for (const literal of literals) add(literal);
      if (literals.length === 0) imports.push(UNKNOWN_IMPORT);
    } else if (ts.isNewExpression(node) && isModuleUrl(node)) {
      const named = node.arguments?.[0];
      if (named !== undefined)
        for (const literal of stringsWithin(named)) if (isSource(literal)) add(literal);
    }
  });
  return { file, imports };
}

/** What all the files below the folders import. */
export function readImports(folders: readonly string[]): ImportingFile[] {
  return listFiles(folders).map((file) => importsOf(file, readSource(file)));
}

function isImportCall(node: ts.CallExpression): boolean {
  const callee = node.expression;
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  if (ts.isIdentifier(callee)) return callee.text === 'require';
  return (
    ts.isPropertyAccessExpression(callee) && callee.name.text === 'resolve' && isImportMeta(callee.expression)
  );
}

/** `new URL(..., import.meta.url)`: how a module names a file that lies beside it. */
function isModuleUrl(node: ts.NewExpression): boolean {
  const base = node.arguments?.[1];
  return (
    ts.isIdentifier(node.expression) &&
    node.expression.text === 'URL' &&
    base !== undefined &&
    ts.isPropertyAccessExpression(base) &&
    base.name.text === 'url' &&
    isImportMeta(base.expression)
  );
}

function isImportMeta(node: ts.Node): boolean {
  return ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword;
}

function isSource(path: string): boolean {
  return path.endsWith('.ts') && (path.startsWith('./') || path.startsWith('../'));
}

/**
 * The string literals that an argument may stand for: itself, or either branch of a conditional. A literal inside
 * a nested call is not one of them.
 */
function stringsWithin(node: ts.Node): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isParenthesizedExpression(node)) return stringsWithin(node.expression);
  if (ts.isConditionalExpression(node))
    return [...stringsWithin(node.whenTrue), ...stringsWithin(node.whenFalse)];
  return [];
}
