import { ToxiproxyError } from './toxiproxy-error.ts';

/**
 * One HTTP call that ends, with its whole answer, within `timeoutMs`.
 *
 * @throws ToxiproxyError for an answer that is none of success, with its status and the server's own words; for no
 * answer in time; and when nobody is there.
 */
export async function fetchWithDeadline(
  url: string,
  init: RequestInit,
  timeoutMs: number,
): Promise<Response> {
  const call = `${init.method ?? 'GET'} ${url}`;
  const { status, ok, text } = await answerTo(call, url, init, timeoutMs);
  if (!ok) throw new ToxiproxyError(`${call}: ${status} ${wordsOf(text)}`, status);
  return new Response(text === '' ? null : text, { status });
}

async function answerTo(call: string, url: string, init: RequestInit, timeoutMs: number) {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, ok: response.ok, text: await response.text() };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') {
      throw new ToxiproxyError(`${call}: no answer within ${timeoutMs} ms`);
    }
    throw new ToxiproxyError(`${call}: ${reasonOf(error)}`);
  }
}

/** What the server says in a refusal, which may be JSON by whatever name. */
function wordsOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // Then it is plain text.
  }
  return text.trim();
}

/** `fetch failed` has a cause that says more. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? cause.message || cause.name : error.message;
}
