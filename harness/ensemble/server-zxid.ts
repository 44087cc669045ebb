import { fourLetterWord } from './four-letter-word.ts';

/**
 * The zxid a server has applied last, as it says in `srvr`.
 * @throws Error when it does not answer.
 */
export async function zxidOf(address: string): Promise<number> {
  return zxidIn(await fourLetterWord(address, 'srvr'));
}

/** 0 where the server says that it serves nobody. */
export function zxidIn(srvr: string): number {
  return Number.parseInt(/^Zxid: 0x([0-9a-f]+)$/m.exec(srvr)?.[1] ?? '0', 16);
}
