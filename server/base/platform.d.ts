// What the pure layers may use of the platform, declared here one by one: functions of their arguments, with
// no clock, no randomness and no I/O behind them. Everything else of Node is a compile error in these layers.

declare class TextDecoder {
  constructor(label: 'utf-8', options: { ignoreBOM: true });
  decode(input: Uint8Array): string;
}

declare module 'node:zlib' {
  /** CRC-32 of `data`, continued from `value`; unsigned. */
  export function crc32(data: Uint8Array, value?: number): number;
}
