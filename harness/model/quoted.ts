/** Longer texts are cut: they are the clients' own, and nobody compares them by eye. */
const LENGTH_MAX = 32;

/** Data for people: as text, in quotes. */
export function quoted(data: Uint8Array | null): string {
  return data === null ? 'nothing' : `"${cut(new TextDecoder().decode(data))}"`;
}

export function cut(text: string): string {
  return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}…` : text;
}
