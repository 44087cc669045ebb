export interface WaitOptions {
  readonly timeoutMs: number;
  /** Between one answer and the next question; 50 unless told. */
  readonly everyMs?: number;
  /** Ends the wait early. */
  readonly signal?: AbortSignal | undefined;
  /** Called from time to time, for a person who waits as well. */
  readonly onWaiting?: ((waitedMs: number) => void) | undefined;
}

/** How a wait came to its end. */
export type WaitEnd = 'met' | 'timeout' | 'aborted';

const POLL_MS = 50;
const TELL_EVERY_MS = 5000;

/** Asks again and again until the answer is yes, never longer than told. */
export async function waitUntil(isMet: () => Promise<boolean>, options: WaitOptions): Promise<WaitEnd> {
  const { timeoutMs, everyMs = POLL_MS, signal, onWaiting } = options;
  const startedMs = performance.now();
  let toldMs = 0;
  for (;;) {
    if (signal?.aborted === true) return 'aborted';
    if (await isMet()) return 'met';
    const waitedMs = performance.now() - startedMs;
    if (waitedMs > timeoutMs) return 'timeout';
    if (waitedMs - toldMs >= TELL_EVERY_MS) {
      toldMs = waitedMs;
      onWaiting?.(waitedMs);
    }
    await pause(everyMs, signal);
  }
}

/** Resolves after that time, or when the signal is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
    function end(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    }
  });
}
