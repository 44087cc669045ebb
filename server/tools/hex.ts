/** A 64-bit number as ZooKeeper's tools write it. */
export function hex64(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}

export function hex32(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}
