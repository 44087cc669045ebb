import { createConnection } from 'node:net';

/**
 * Says a four-letter word (`srvr`, `ruok`, …) to a server's client port and returns all it answers.
 *
 * @param address `host:port`, an IPv6 host in brackets
 * @throws Error when nobody listens, or the server has not answered and closed within `timeoutMs`.
 */
export function fourLetterWord(address: string, word: string, timeoutMs = 2000): Promise<string> {
  const colon = address.lastIndexOf(':');
  return new Promise((resolve, reject) => {
    const socket = createConnection({
      host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
      port: Number(address.slice(colon + 1)),
    });
    const timer = setTimeout(() => {
      socket.destroy(new Error(`${address} has not answered "${word}" within ${timeoutMs} ms`));
    }, timeoutMs);
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
    socket.write(word);
  });
}
