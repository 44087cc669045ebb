import t from 'tap';
import type { SessionId } from '../../server/base/session-id.ts';
import { makeZxid, type Zxid } from '../../server/base/zxid.ts';
import { JuteWriter } from '../../server/wire/jute-writer.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { writeTxnEntry } from '../../server/wire/txns/txn-entry.ts';
import { committedHistory } from './committed-history.ts';
import type { LoggedTxn, ServerLog } from './server-log.ts';

function entry(zxid: Zxid, timeOut = 1000): Uint8Array {
  const writer = new JuteWriter(64);
  const header = { clientId: 1n as SessionId, cxid: 0, zxid, time: 0, type: OpCode.createSession };
  writeTxnEntry(writer, { header, txn: { type: OpCode.createSession, timeOut }, digest: null });
  return writer.take();
}

/** `1:1-3 2:1` are the first three txns of epoch 1 and the first of epoch 2; `|` begins another file. */
function log(server: number, text: string): ServerLog {
  const txns: LoggedTxn[] = [];
  for (const [i, file] of text.split('|').entries()) {
    for (const [, epoch, first, last] of file.matchAll(/(\d+):(\d+)(?:-(\d+))?/g)) {
      for (let counter = Number(first); counter <= Number(last ?? first); counter++) {
        const zxid = makeZxid(Number(epoch), counter);
        txns.push({ zxid, file: `log.${i}`, entry: entry(zxid) });
      }
    }
  }
  return { server, txns };
}

function told(...texts: string[]): string {
  const { txns, contradictions, gaps } = committedHistory(texts.map((text, i) => log(i + 1, text)));
  const zxids = txns.map(({ header: { zxid } }) => `${Math.floor(zxid / 2 ** 32)}:${zxid % 2 ** 32}`);
  return [zxids.join(' '), ...contradictions, ...gaps].join('; ');
}

await t.test('what one server has a hole for, another has', async (t) => {
  t.equal(told('1:1-4', '1:1-2 | 1:4', '1:3-4'), '1:1 1:2 1:3 1:4');
});

await t.test('what was never committed is not, though a server that was not healed has it', async (t) => {
  t.equal(told('1:1-2 2:1-2', '1:1-2 2:1-2', '1:1-4'), '1:1 1:2 2:1 2:2');
});

await t.test('nor what lies in a file that a snapshot has replaced', async (t) => {
  t.equal(told('1:1-2 | 2:1-2', '1:1-2 | 2:1-2', '1:1-3 | 2:1-2'), '1:1 1:2 2:1 2:2');
});

await t.test('a snapshot that brought the end of an epoch takes nothing away', async (t) => {
  t.equal(told('1:1-4 2:1', '1:1-4 2:1', '1:1-2 | 2:1'), '1:1 1:2 1:3 1:4 2:1');
});

await t.test('a log that begins late says nothing of what was before', async (t) => {
  t.equal(told('1:1-2 2:1', '2:1'), '1:1 1:2 2:1');
});

await t.test('what is logged once more is one txn all the same', async (t) => {
  t.equal(told('1:1-4 | 1:2-5'), '1:1 1:2 1:3 1:4 1:5');
  t.equal(told('1:1-4 1:3-5'), '1:1 1:2 1:3 1:4 1:5');
  t.match(told('1:1-2 1:4 1:3'), /server 1 logs 0x100000003 behind 0x100000004/);
});

await t.test(
  'of two histories that of more servers counts, but two txns of one zxid are wrong',
  async (t) => {
    t.equal(told('1:1-3 2:1', '1:1-2 2:1', '1:1-2 2:1'), '1:1 1:2 2:1');
    const [first, second] = [log(1, '1:1-2'), log(2, '1:1')];
    const other = { zxid: makeZxid(1, 2), file: 'log.0', entry: entry(makeZxid(1, 2), 2000) };
    const { contradictions } = committedHistory([first, { ...second, txns: [...second.txns, other] }]);
    t.same(contradictions, ['servers 1 and 2 have different txns as 0x100000002']);
  },
);

await t.test('what no log has any more is missed', async (t) => {
  t.equal(told('1:3-4', '1:4'), '1:3 1:4; there is no log with what came between 0x0 and 0x100000003');
  t.match(told('1:1-2 | 1:4', '1:1 | 1:4'), /between 0x100000002 and 0x100000004/);
});
