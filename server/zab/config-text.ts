import { printable } from '../base/printable.ts';
import { WireError } from '../wire/wire-error.ts';
import { MembershipError } from './membership-error.ts';
import { readMembership, type MembershipLine } from './membership-lines.ts';
import type { Membership } from './membership.ts';

/** Room for every possible server with the longest possible names. */
export const CONFIG_TEXT_LENGTH_MAX: number = 256 * 1024;

/**
 * The config text of a peer's notification or NEWLEADER (protocol §5.4), and of a node or file that has one. What it
 * says may be another membership than ours; what cannot be one is refused.
 *
 * @throws WireError (`length`, `value`)
 */
export function parseConfigText(text: string): Membership {
  if (text.length > CONFIG_TEXT_LENGTH_MAX) {
    throw new WireError('length', `a config text of ${text.length} characters`);
  }
  const lines: MembershipLine[] = [];
  let version: number | undefined;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const { key, value } = splitLine(line);
    if (key !== 'version') {
      lines.push({ key, value });
      continue;
    }
    if (version !== undefined) throw badText(line, 'a second version');
    version = parseConfigVersion(value);
    if (version === undefined) throw badText(line, 'is not a zxid in hex');
  }
  try {
    return readMembership(lines, version ?? 0);
  } catch (error) {
    if (!(error instanceof MembershipError)) throw error;
    const line = error.index === null ? undefined : lines[error.index];
    throw badText(line === undefined ? '' : `${line.key}=${line.value}`, error.message);
  }
}

/** A zxid as it is printed, in hex without 0x; `undefined` for anything else. */
export function parseConfigVersion(text: string): number | undefined {
  const version = /^[0-9a-f]{1,14}$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN;
  return Number.isSafeInteger(version) ? version : undefined;
}

function splitLine(line: string): MembershipLine {
  const at = line.indexOf('=');
  if (at === -1) throw badText(line, 'no "="');
  return { key: line.slice(0, at).trim(), value: line.slice(at + 1).trim() };
}

function badText(line: string, why: string): WireError {
  return new WireError('value', `config text: ${line === '' ? '' : `${printable(line)}: `}${printable(why)}`);
}
