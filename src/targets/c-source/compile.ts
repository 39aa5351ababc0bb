/**
 * From the text of a pager to a module that can be instantiated: compiled unmodified against the shim's headers, with checks for
 * undefined behaviour and numbered control flow, linked with the shim, and made able to sleep. What was compiled once is kept.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PAGER_FUNCTIONS } from '../../trace/codes.ts';
import { instrument, type Block } from './instrument.ts';
import { layoutAssertions } from './layout.ts';
import { cacheDirectory, CSourceError, loadBinaryen, runTool, type Made, type Tree } from './tools.ts';

/** A compiled pager. */
export interface Compiled {
  wasm: Uint8Array<ArrayBuffer>;
  /** The source's name without directories. */
  name: string;
  /** The source, line by line. */
  lines: string[];
  /** Steps of control flow, by number. */
  blocks: Block[];
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

const DIALECT = words(`
  --target=wasm32-unknown-unknown -std=gnu89 -nostdinc -Iinclude -O0 -Xclang -disable-O0-optnone -g1
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
    __stack_pointer __heap_base pc_page_size pc_sector_size pc_all_bits pc_line pc_steps pc_reached curproc cnt
    vnode_pager_list ${EXPORTS.join(' ')}
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

/** Compiles a text. */
export async function compileText(source: string, name: string): Promise<Compiled> {
  const header = shim('kernel.h');
  const support = shim('kernel.c') + layoutAssertions();
  const parts = [source, name, header, support, ...DIALECT, ...CHECKS, ...LINK, ...SLEEPING];
  const key = createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);
  const directory = join(cacheDirectory(), 'c-modules');
  const kept = join(directory, key);
  const lines = source.split('\n');
  if (existsSync(`${kept}.json`)) {
    const blocks = JSON.parse(readFileSync(`${kept}.json`, 'utf8')) as Block[];
    return { wasm: new Uint8Array(readFileSync(`${kept}.wasm`)), name, lines, blocks };
  }
  const compiled = { name, lines, ...(await build(source, name, header, support)) };
  mkdirSync(directory, { recursive: true });
  // written under another name first: another process must not read half of it
  for (const [ending, content] of [
    ['wasm', compiled.wasm],
    ['json', JSON.stringify(compiled.blocks)],
  ] as const) {
    writeFileSync(`${kept}.${process.pid}`, content);
    renameSync(`${kept}.${process.pid}`, `${kept}.${ending}`);
  }
  return compiled;
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

async function build(
  source: string,
  name: string,
  header: string,
  support: string,
): Promise<Pick<Compiled, 'wasm' | 'blocks'>> {
  const include = includeTree(header);
  const clang = (args: string[], files: Tree): Promise<Made> => runTool('clang', args, { ...files, include });
  const object = async (args: string[], files: Tree): Promise<Uint8Array> =>
    (await clang([...args, '-o', 'made.o'], files)).files['made.o'] as Uint8Array;
  // to the tool's output: text goes to its files byte by byte, each time with a copy of the file
  const printed = await clang([...DIALECT, ...CHECKS, '-S', '-emit-llvm', name, '-o', '-'], {
    [name]: source,
  });
  const { text, blocks } = instrument(printed.output);
  const pager = await object(['--target=wasm32-unknown-unknown', '-w', '-O1', '-c', 'p.ll'], {
    'p.ll': text,
  });
  const shimFlags = [...DIALECT.filter((flag) => flag !== '-O0'), '-O2', `-DPC_BLOCKS=${blocks.length + 1}`];
  const kernel = await object([...shimFlags, '-c', 'kernel.c'], { 'kernel.c': support });
  const { files } = await runTool('wasm-ld', [...LINK, 'pager.o', 'kernel.o', '-o', 'linked.wasm'], {
    'pager.o': pager,
    'kernel.o': kernel,
  });
  return { wasm: await finish(files['linked.wasm'] as Uint8Array), blocks };
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
