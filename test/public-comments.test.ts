/**
 * Guards that everything public has a doc comment: what the library exports, and every member of its classes and interfaces
 * that is not private. Whoever writes a pager of their own has nothing else to go by.
 */
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const ENTRY = fileURLToPath(new URL('../src/index.ts', import.meta.url));

/** Names of exports, and of their members, without a comment. */
function undocumented(entry: string): string[] {
  const program = ts.createProgram([entry], {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
    strict: true,
  });
  const checker = program.getTypeChecker();
  const isBare = (symbol: ts.Symbol): boolean => symbol.getDocumentationComment(checker).length === 0;
  const bare: string[] = [];
  for (const exported of checker.getExportsOfModule(
    checker.getSymbolAtLocation(program.getSourceFile(entry)!)!,
  )) {
    const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
    const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported;
    if (isBare(symbol)) bare.push(exported.name);
    for (const declaration of symbol.declarations ?? []) {
      if (!ts.isClassDeclaration(declaration) && !ts.isInterfaceDeclaration(declaration)) continue;
      for (const member of declaration.members) {
        if (member.name === undefined || ts.isPrivateIdentifier(member.name)) continue;
        if ((ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) !== 0) continue;
        const named = checker.getSymbolAtLocation(member.name);
        if (named !== undefined && isBare(named)) bare.push(`${exported.name}.${named.name}`);
      }
    }
  }
  return bare;
}

it('everything that the library exports has a doc comment', () => {
  expect(undocumented(ENTRY)).toEqual([]);
});
