/**
 * JSON in which integers beyond 2^53 are kept as strings: session ids and zxids are longs, which JavaScript would read as
 * others nearby.
 */
export function parseBigJson(text: string): unknown {
  return JSON.parse(
    // Strings are matched as a whole, so that nothing in them is taken for a number.
    text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (match) =>
      match.startsWith('"') ? match : `"${match}"`,
    ),
  );
}
