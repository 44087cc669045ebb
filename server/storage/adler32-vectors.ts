import { wasm, WASM_PAGE_BYTES, type WebAssemblyMemory } from '../base/web-assembly.ts';

/** `adler32.wat`, compiled, in hexadecimal; the test compiles it again. */
export const ADLER32_WASM: string =
  '0061736d01000000010c0260027f7f017f60017b017f0303020001050401010101071402066d656d6f727902000761646c65' +
  '72333200000abf0302a20302057f057b200041ffff03712102200041107621032001416071210602400340200420064f0d01' +
  '200441a02b6a2105200520064b0440200621050b20032002200520046b6c6a2103fd0c000000000000000000000000000000' +
  '002109fd0c00000000000000000000000000000000210afd0c00000000000000000000000000000000210b0340200a2009fd' +
  'ae01210a2004fd00040021072004fd000410210820092007fd7d2008fd7dfd8e01fd7ffdae012109200b2007fd8901fd0c20' +
  '001f001e001d001c001b001a001900fdba012007fd8a01fd0c18001700160015001400130012001100fdba01fdae012008fd' +
  '8901fd0c10000f000e000d000c000b000a000900fdba012008fd8a01fd0c08000700060005000400030002000100fdba01fd' +
  'ae01fdae01fdae01210b200441206a210420042005490d000b200b200a4105fdab01fdae01210b2002200910016a41f1ff03' +
  '7021022003200b10016a41f1ff037021030c000b0b02400340200420014f0d01200220042d00006a2102200320026a210320' +
  '0441016a21040c000b0b200241f1ff0370200341f1ff0370411074720b19002000fd1b002000fd1b016a2000fd1b022000fd' +
  '1b036a6a0b';

interface Adler32Module {
  readonly memory: WebAssemblyMemory;
  /** Of the first `length` bytes of the memory. */
  adler32(seed: number, length: number): number;
}

/** As `adler32`, with the processor's vectors. */
export type VectorAdler32 = (view: DataView, start: number, end: number, seed: number) => number;

/** Null where there are none, or no memory for it. */
export function createVectorAdler32(): VectorAdler32 | null {
  const module = instantiate();
  if (module === null) return null;
  const memory = new Uint8Array(module.memory.buffer);
  return (view, start, end, seed) => {
    let checksum = seed;
    for (let at = start; at < end; at += WASM_PAGE_BYTES) {
      const length = Math.min(WASM_PAGE_BYTES, end - at);
      memory.set(new Uint8Array(view.buffer, view.byteOffset + at, length));
      checksum = module.adler32(checksum, length);
    }
    return checksum >>> 0;
  };
}

function instantiate(): Adler32Module | null {
  try {
    const bytes = Uint8Array.from(ADLER32_WASM.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    return new wasm.Instance(new wasm.Module(bytes)).exports as Adler32Module;
  } catch {
    return null;
  }
}
