/** The part of WebAssembly that is used, with types: those of the language's library belong to browsers. */

/** A variable of a module. */
export interface WasmGlobal {
  value: unknown;
}

/** Functions by number. */
export interface WasmTable {
  readonly length: number;
  get(index: number): unknown;
}

/** What makes instances, synchronously. */
interface Wasm {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: object };
  /** A fault of the code. */
  RuntimeError: new () => Error;
}

/** The platform's WebAssembly. */
export const wasm: Wasm = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;
