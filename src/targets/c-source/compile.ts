/**
 * From the text of a pager to a module that can be instantiated: compiled unmodified against the shim's headers, with checks for
 * undefined behaviour and marks at each step of control flow, linked with the shim, and made able to sleep. What was compiled
 * once is kept, the shim for all texts.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PAGER_FUNCTIONS } from '../../trace/codes.ts';
import { readBlocks, type Block } from './blocks.ts';
import { linkComplaint, requireText } from './complaints.ts';
import { layoutAssertions } from './layout.ts';
import { cacheDirectory, CSourceError, loadBinaryen, runTool, type Tree } from './tools.ts';

/** A compiled pager. */
export interface Compiled {
  wasm: Uint8Array<ArrayBuffer>;
  /** The source's name without directories. */
  name: string;
  /** The source, line by line. */
  lines: string[];
  /** Steps of control flow. Only who wants to know what was covered pays for them. */
  blocks: () => Promise<Block[]>;
}

/** Functions that the source must define. */
const EXPORTS = PAGER_FUNCTIONS.filter((name) => name !== 'iodone').map((name) => `vnode_pager_${name}`);

/** Everything that a source may include; each of them is the shim's one header. */
const HEADERS = [
  ...['param', 'systm', 'kernel', 'proc', 'malloc', 'vnode', 'uio', 'mount', 'buf', 'queue', 'types'].map(
    (name) => `sys/${name}.h`,
  ),
  ...['vm', 'vm_param', 'vm_page', 'vm_object', 'vm_pager', 'vm_map', 'vm_kern', 'vm_prot', 'pmap'].map(
    (name) => `vm/${name}.h`,
  ),
  'vm/vnode_pager.h',
  'miscfs/specfs/specdev.h',
  'machine/param.h',
  'machine/pmap.h',
];

const words = (text: string): string[] => text.trim().split(/\s+/);

const TRIPLE = '--target=wasm32-unknown-unknown';

const DIALECT = words(`
  ${TRIPLE} -std=gnu89 -nostdinc -Iinclude -O0 -Xclang -disable-O0-optnone -g1
  -w -Wno-incompatible-pointer-types -Wno-int-conversion -Wno-implicit-function-declaration
  -fno-builtin -fwrapv -fno-strict-aliasing -ftrivial-auto-var-init=pattern
`);

const CHECKS = words(`
  -fsanitize=null,alignment,integer-divide-by-zero,array-bounds,shift -fno-sanitize-recover=all
  -fsanitize-coverage=trace-pc-guard -mllvm -sanitizer-coverage-prune-blocks=0
`);

/** Bytes of memory of an instance; nothing is used until it is touched. */
export const MEMORY_BYTES = 32 * 1024 * 1024;

const LINK = [
  ...words(`
    --no-entry --export-table --stack-first -z stack-size=65536
    --initial-memory=${MEMORY_BYTES} --max-memory=${MEMORY_BYTES}
  `),
  ...words(`
    __stack_pointer __heap_base pc_page_size pc_sector_size pc_all_bits pc_line pc_steps pc_reached pc_reached_end curproc cnt
    vnode_pager_list __wasm_call_ctors ${EXPORTS.join(' ')}
  `).map((name) => `--export=${name}`),
];

/** Kernel functions that may sleep. */
const SLEEPING = words(`
  tsleep malloc vm_pager_map_page kmem_alloc vm_object_allocate vm_object_enter vm_object_deallocate
  vm_object_page_remove pager_cache getpbuf vrele vop_getattr vop_bmap vop_strategy vop_read vop_write vop_update
  vop_lock
`);

/** What the linker's module uses of WebAssembly; more would be used by the optimiser. */
const FEATURES = words(
  'MutableGlobals SignExt NontrappingFPToInt BulkMemory BulkMemoryOpt ReferenceTypes Multivalue CallIndirectOverlong',
);

const shim = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`./shim/${name}`, import.meta.url)), 'utf8');

/** Compiles a source, or finds it compiled. @throws CSourceError with the compiler's words */
export async function compile(path: string): Promise<Compiled> {
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new CSourceError(`${path}: ${(thrown as Error).message}`, { cause: thrown });
  }
  return compileText(source, basename(path));
}

/** Compiles a text. @throws CSourceError */
export async function compileText(source: string, name: string): Promise<Compiled> {
  requireText(source, name);
  const files: Tree = { [name]: source, include: includeTree(shim('kernel.h')) };
  const key = keyOf([source, name, ...shimParts(), ...LINK, ...SLEEPING]);
  const wasm = await kept(`${key}.wasm`, () => build(name, files));
  const blocks = async (): Promise<Block[]> =>
    JSON.parse((await kept(`${key}.json`, () => listBlocks(name, files))).toString()) as Block[];
  return { wasm: new Uint8Array(wasm), name, lines: source.split('\n'), blocks };
}

const support = (): string => shim('kernel.c') + layoutAssertions();

/** All that the shim's object is made from. */
const shimParts = (): string[] => [shim('kernel.h'), support(), ...DIALECT, ...CHECKS];

const keyOf = (parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);

/** The contents of a file of the cache; made if it is not there. */
async function kept(file: string, make: () => Promise<Uint8Array>): Promise<Buffer> {
  const directory = join(cacheDirectory(), 'c-modules');
  const path = join(directory, file);
  if (existsSync(path)) return readFileSync(path);
  const made = await make();
  mkdirSync(directory, { recursive: true });
  // written under another name first: another process must not read half of it
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, made);
  renameSync(temporary, path);
  return Buffer.from(made);
}

function includeTree(header: string): Tree {
  const include: Tree = { 'kernel.h': header };
  for (const path of HEADERS) {
    const parts = path.split('/');
    const file = parts.pop()!;
    let at = include;
    for (const part of parts) at = (at[part] ??= {}) as Tree;
    at[file] = '#include <kernel.h>\n';
  }
  return include;
}

/** From text to code, by way of the compiler's bitcode: marks are set before anything is made faster, as the text has it. */
async function build(name: string, files: Tree): Promise<Uint8Array> {
  const flags = [...DIALECT, ...CHECKS, '-c', '-emit-llvm', name, '-o', 'made.bc'];
  const early = await runTool('clang', flags, files);
  // to the tool's output: an object goes to its file in small pieces, each time with a copy of the file
  const late = await runTool('clang', [TRIPLE, '-w', '-O1', '-c', 'made.bc', '-o', '-'], {
    'made.bc': early.files['made.bc']!,
  });
  const kernel = await kept(`${keyOf(shimParts())}.o`, buildShim);
  const linked = await link(name, { 'pager.o': late.output, 'kernel.o': kernel });
  return finish(linked['linked.wasm'] as Uint8Array);
}

async function link(name: string, objects: Tree): Promise<Tree> {
  try {
    return (await runTool('wasm-ld', [...LINK, ...Object.keys(objects), '-o', 'linked.wasm'], objects)).files;
  } catch (thrown) {
    const complaint = thrown instanceof CSourceError ? linkComplaint(name, thrown.message) : null;
    throw complaint === null ? thrown : new CSourceError(complaint, { cause: thrown });
  }
}

async function buildShim(): Promise<Uint8Array> {
  const flags = DIALECT.filter((flag) => flag !== '-O0');
  const { output } = await runTool('clang', [...flags, '-O2', '-c', 'kernel.c', '-o', '-'], {
    'kernel.c': support(),
    include: includeTree(shim('kernel.h')),
  });
  return output;
}

/** The steps of control flow, as JSON; the compiler says them in text alone, which takes it longer than all the rest. */
async function listBlocks(name: string, files: Tree): Promise<Uint8Array> {
  const flags = [...DIALECT, ...CHECKS, '-S', '-emit-llvm', name, '-o', '-'];
  const { output } = await runTool('clang', flags, files);
  return Buffer.from(JSON.stringify(readBlocks(output.toString())));
}

/** Lets functions sleep, and checks the stack. */
async function finish(wasm: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const binaryen = await loadBinaryen();
  const { Features } = binaryen;
  const features = FEATURES.reduce((all, name) => all | (Features[name] ?? 0), 0);
  const module = binaryen.readBinary(wasm);
  try {
    module.setFeatures(features);
    binaryen.setOptimizeLevel(2);
    binaryen.setShrinkLevel(0);
    binaryen.setPassArgument('asyncify-imports', SLEEPING.map((name) => `kernel.${name}`).join(','));
    module.runPasses(['stack-check', 'asyncify']);
    module.runPasses(['simplify-locals', 'coalesce-locals', 'vacuum', 'reorder-locals']);
    return new Uint8Array(module.emitBinary());
  } finally {
    binaryen.setPassArgument('asyncify-imports', null);
    module.dispose();
  }
}
