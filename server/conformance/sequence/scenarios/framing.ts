import { bytesOf, closeSession, create, exists, getData, ping, raw, remove, setData } from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

const MAX_BUFFER = 1_048_575;
/** Room for the header and the other fields around a value that fills a frame. */
const ALMOST_FULL = MAX_BUFFER - 200;

/** Lengths, limits and bytes that are no requests (protocol §1.2, §1.5). */
export async function framing(run: Run): Promise<void> {
  await beforeTheHandshake(run);
  await large(run);
  await unknownTypes(run);
  await undecodable(run);
}

async function beforeTheHandshake(run: Run): Promise<void> {
  await (await Peer.open(run, 'NegativeLength')).sendToEnd('sends length -2', int(-2));
  await (await Peer.open(run, 'HugeLength')).sendToEnd('sends length 2^31-1', int(0x7fffffff));
  await (await Peer.open(run, 'OverLimit')).sendToEnd('sends length 1048576', int(MAX_BUFFER + 1));
  await (await Peer.open(run, 'EmptyFrame')).sendToEnd('sends length 0', int(0));
  const short = new Uint8Array([0, 0, 0, 20, ...new Uint8Array(20)]);
  await (await Peer.open(run, 'ShortHandshake')).sendToEnd('sends 20 bytes of a handshake', short);
}

async function large(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'Big');
  await a.call(create('/big', 'x'.repeat(ALMOST_FULL)));
  await a.call(getData('/big'));
  await a.call(setData('/big', 'y'.repeat(ALMOST_FULL)));
  await a.call(remove('/big'));
  await a.sendToEnd('sends length 1048576', int(MAX_BUFFER + 1));
  await finish(run, a);
  const b = await Peer.connect(run, 'Negative');
  await b.sendToEnd('sends length -1', int(-1));
  await finish(run, b);
}

async function unknownTypes(run: Run): Promise<void> {
  for (const type of [0, 10, 23, 99, 108, -1, -2, 1000]) {
    const peer = await Peer.connect(run, `Type${type}`);
    await peer.callToEnd(raw(type, `type ${type}`, bytesOf('\0\0\0\x01/\0\0\0\0') ?? undefined));
    await finish(run, peer);
  }
}

async function undecodable(run: Run): Promise<void> {
  for (const [name, type] of [
    ['exists', 3],
    ['getData', 4],
    ['getChildren', 8],
    ['setWatches', 101],
  ] as const) {
    const peer = await Peer.connect(run, `Short-${name}`);
    await peer.callAndProbe(raw(type, `${name} of 2 bytes`, new Uint8Array([0, 0])));
    await peer.call(exists('/'));
    await finish(run, peer);
  }
}

/** Closes what is left of a session whose connection may be gone. */
async function finish(run: Run, peer: Peer): Promise<void> {
  await peer.drop();
  const again = await Peer.connect(run, `${peer.name} again`, { session: peer.session });
  await again.pipeline(ping, closeSession);
}

function int(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}
