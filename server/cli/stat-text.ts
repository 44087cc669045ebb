import { formatZxid } from '../base/zxid.ts';
import type { Stat } from '../wire/records/stat.ts';

/** zkCli's block; the times are in UTC, in the form of Java's `Date`. */
export function statLines(stat: Stat): string[] {
  return [
    `cZxid = ${formatZxid(stat.czxid)}`,
    `ctime = ${javaDate(stat.ctime)}`,
    `mZxid = ${formatZxid(stat.mzxid)}`,
    `mtime = ${javaDate(stat.mtime)}`,
    `pZxid = ${formatZxid(stat.pzxid)}`,
    `cversion = ${stat.cversion}`,
    `dataVersion = ${stat.version}`,
    `aclVersion = ${stat.aversion}`,
    `ephemeralOwner = 0x${BigInt.asUintN(64, stat.ephemeralOwner).toString(16)}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.numChildren}`,
  ];
}

/** `Sat Nov 28 00:43:53 UTC 2026` */
function javaDate(ms: number): string {
  const [day = '', date, month, year, time] = new Date(ms).toUTCString().split(' ');
  return `${day.replace(',', '')} ${month} ${date} ${time} UTC ${year}`;
}
