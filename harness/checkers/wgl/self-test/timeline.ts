import type { Operation } from '../model.ts';

/** Columns are this many nanoseconds apart, so that an explanation shows them as milliseconds. */
const COLUMN_NS = 1e6;

/**
 * A history as a drawing: a line for each process, an operation from its `[` to its `]`, in the column of its call and
 * of its return. An operation without a return ends with `>`. `parse` reads what stands between.
 *
 *     [write 1]   [read 2]
 *         [write 2   >
 *
 * @throws Error if a bracket has no other.
 */
export function timeline<Input, Output>(
  lines: readonly string[],
  parse: (text: string) => { readonly input: Input; readonly output: Output | null },
): Operation<Input, Output>[] {
  return lines.flatMap((line, process) => {
    const operations = [...line.matchAll(/\[([^\][>]*)([\]>])/g)].map((match) => {
      const [whole, text = '', close] = match;
      const returnColumn = match.index + whole.length - 1;
      return {
        process,
        callNs: match.index * COLUMN_NS,
        returnNs: close === '>' ? Infinity : returnColumn * COLUMN_NS,
        ...parse(text.trim()),
      };
    });
    if (operations.length !== line.split('[').length - 1) throw new Error(`not a timeline: ${line}`);
    return operations;
  });
}
