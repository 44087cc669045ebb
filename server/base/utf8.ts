import { hashOfAscii } from './text-hash.ts';

/**
 * UTF-8 as Java's Jute archives write it (protocol §1.1): one 1–3-byte sequence for each UTF-16 unit, so a
 * surrogate pair becomes six bytes. Read is that and the ordinary four bytes; other bad bytes become U+FFFD.
 *
 * Java does not read back what it writes: each half of such a pair becomes U+FFFD. That is not copied, since an
 * ACL would then name someone else after its log has been replayed. For paths nothing differs: surrogates and
 * U+FFFD are refused alike.
 */

const SLOT_COUNT = 1 << 17;
const SLOT_MASK = SLOT_COUNT - 1;
const CACHED_LENGTH_MAX = 96;

/**
 * Recently decoded strings, by a hash of their bytes. A busy server sees the same few thousand paths again and
 * again; handing out the string it made last time costs a comparison instead of an allocation, and the string
 * already carries the hash that a `Map` look-up needs. Direct-mapped: a newcomer replaces whoever had its slot.
 */
const recent: string[] = new Array<string>(SLOT_COUNT).fill('');
// `ignoreBOM` keeps a leading U+FEFF, which is a legal character of a name.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return '';
  if (length > CACHED_LENGTH_MAX) return decodeAny(bytes.subarray(start, end));

  const slot = hashOfAscii(bytes, start, end) & SLOT_MASK;
  const known = recent[slot] as string;
  if (known.length === length && equalsAscii(known, bytes, start)) return known;
  if (!isAscii(bytes, start, end)) return decodeAny(bytes.subarray(start, end));
  const fresh = String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[]);
  recent[slot] = fresh;
  return fresh;
}

/** What `decodeUtf8` will compare bytes of this hash with: the same string, as a rule. "" if there is none. */
export function likelyText(hash: number): string {
  return recent[hash & SLOT_MASK] as string;
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let seen = 0;
  for (let i = start; i < end; i++) seen |= bytes[i] as number;
  return seen < 0x80;
}

function decodeAny(bytes: Uint8Array): string {
  let text = '';
  let from = 0;
  for (let at = bytes.indexOf(0xed); at !== -1; at = bytes.indexOf(0xed, at + 1)) {
    const second = bytes[at + 1] ?? 0;
    const third = bytes[at + 2] ?? 0;
    if (second >= 0xa0 && second <= 0xbf && third >= 0x80 && third <= 0xbf) {
      const surrogate = 0xd000 | ((second & 0x3f) << 6) | (third & 0x3f);
      text += decoder.decode(bytes.subarray(from, at)) + String.fromCharCode(surrogate);
      from = at + 3;
    }
  }
  return text + decoder.decode(bytes.subarray(from));
}

function equalsAscii(text: string, bytes: Uint8Array, start: number): boolean {
  // From the end: sibling paths differ in their last characters.
  for (let i = text.length - 1; i >= 0; i--) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}

/** How many bytes `encodeUtf8Into` writes for this text. */
export function utf8Length(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    length += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
  }
  return length;
}

/**
 * Writes `text` at `offset` and returns the offset behind it. The caller has made room for
 * `3 * text.length` bytes, or for exactly `utf8Length(text)`.
 */
export function encodeUtf8Into(text: string, bytes: Uint8Array, offset: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      bytes[offset++] = unit;
    } else if (unit < 0x800) {
      bytes[offset++] = 0xc0 | (unit >> 6);
      bytes[offset++] = 0x80 | (unit & 0x3f);
    } else {
      bytes[offset++] = 0xe0 | (unit >> 12);
      bytes[offset++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[offset++] = 0x80 | (unit & 0x3f);
    }
  }
  return offset;
}
