import { readFileSync } from 'node:fs';

/**
 * Calls `onExceeded` once the main thread of a process has used so much processor time from now on: what loops is found
 * so, and what others keep from running is not taken for it. Where the system does not say how much that is, time on
 * the clock stands for it.
 * @returns what ends the watch.
 */
export function watchCpuTime(pid: number, limitMs: number, onExceeded: () => void): () => void {
  const usedMs = usedOf(pid);
  const startedMs = usedMs();
  let timer = setTimeout(look, limitMs);
  function look(): void {
    const leftMs = limitMs - (usedMs() - startedMs);
    if (leftMs <= 0) onExceeded();
    else timer = setTimeout(look, leftMs);
  }
  return () => clearTimeout(timer);
}

/** Milliseconds, of which only differences mean something. */
function usedOf(pid: number): () => number {
  const file = `/proc/${pid}/schedstat`;
  try {
    readFileSync(file);
  } catch {
    return () => performance.now();
  }
  let lastMs = 0;
  return () => {
    try {
      lastMs = Number(readFileSync(file, 'latin1').split(' ')[0]) / 1e6;
    } catch {
      // It has ended, and whoever waits for it hears of that.
    }
    return lastMs;
  };
}
