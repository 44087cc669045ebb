import { UsageError } from './exit-code.ts';

/** What `make` makes in the directory that `--out` names. @throws UsageError where nothing can be made. */
export function madeIn<T>(directory: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new UsageError(
      `--out ${directory}: no run directory can be made there (${error.message}); name a directory that ` +
        'can be written to',
      { cause: error },
    );
  }
}
