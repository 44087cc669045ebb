const BYTES_MAX = 16_384;
const BYTES_IN_LINE = 16;

/** What a znode holds, to be read: as text if it is some, else byte by byte; of much of it the beginning. */
export function dataText(data: Uint8Array | null): string {
  if (data === null) return '(no data)';
  if (data.length === 0) return '(empty)';
  const shown = data.subarray(0, BYTES_MAX);
  const more = data.length > BYTES_MAX ? `\n… ${BYTES_MAX} of ${data.length} bytes` : '';
  return (textOf(data) === null ? hexOf(shown) : new TextDecoder().decode(shown)) + more;
}

/** Null if it is no text, or none that can be shown and changed as such. */
export function textOf(data: Uint8Array | null): string | null {
  if (data === null) return '';
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
    // oxlint-disable-next-line no-control-regex -- these are looked for
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

function hexOf(data: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < data.length; at += BYTES_IN_LINE) {
    const bytes = Array.from(data.subarray(at, at + BYTES_IN_LINE), (byte) =>
      byte.toString(16).padStart(2, '0'),
    );
    lines.push(`${at.toString(16).padStart(8, '0')}  ${bytes.join(' ')}`);
  }
  return lines.join('\n');
}
