/** What of WebAssembly is used here. TypeScript knows it only as a part of what browsers have. */
interface WebAssemblyApi {
  /** @throws RangeError where the process may not have such memory: V8 keeps some GiB of addresses free behind it. */
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => WebAssemblyMemory;
  /** @throws Error for what this engine, or this processor, does not know. */
  readonly Module: new (bytes: Uint8Array) => object;
  /** @throws RangeError as `Memory` does, for the memory that the module has. */
  readonly Instance: new (module: object) => { readonly exports: object };
}

export interface WebAssemblyMemory {
  /** Another one after each `grow`, with the same content at the same place. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): void;
}

/** Memory comes in pages of so many bytes, and begins at one. */
export const WASM_PAGE_BYTES: number = 64 << 10;

declare const WebAssembly: WebAssemblyApi;

export const wasm = WebAssembly;
