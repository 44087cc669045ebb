import type { JuteReader } from '../../server/wire/jute-reader.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { type MultiResult, readMultiResponse } from '../../server/wire/records/multi-response.ts';
import { readStat, type Stat } from '../../server/wire/records/stat.ts';
import { zx, type GhostNode } from './ghost-tree.ts';
import type { WriteOp } from './write-op.ts';
import type { Model } from './model.ts';
import { describeOp, type MultiReadOp, type ReadOp, type RequestOp } from './request-op.ts';
import { sameBytes } from './same-bytes.ts';

const NO_NODE = -101;

/** A request that waits for its reply. */
export interface SentRequest {
  readonly xid: number;
  readonly op: RequestOp;
  /** The newest write anybody had been told of when this was sent. */
  readonly ackedBefore: number;
}

/** C5: a write's reply says what became of it, and names its own txn. Real time counts. */
export function checkWriteReply(
  model: Model,
  session: bigint,
  request: SentRequest,
  reply: { readonly err: number; readonly zxid: number; readonly body: JuteReader },
): void {
  const op = request.op as WriteOp;
  const { err, zxid, body } = reply;
  const result = model.requests.results.get(zxid);
  const what = `${describeOp(op)} at ${zx(zxid)}`;
  if (result === undefined) {
    model.report('C5', `${what} is acknowledged, and nothing was committed there`);
    return;
  }
  if (result.session !== session || result.cxid !== request.xid) {
    model.report('C5', `${what} is answered, and that is not its txn`);
    return;
  }
  if (result.err !== err) model.report('C5', `${what} is answered ${err} and was ${result.err}`);
  if (zxid <= request.ackedBefore) {
    model.report('C5', `${what} was sent after ${zx(request.ackedBefore)} had been acknowledged`);
  }
  model.requests.ackedZxid = Math.max(model.requests.ackedZxid, zxid);
  model.requests.ackedWrites++;
  if (err !== 0) return;
  switch (op.f) {
    case 'create':
    case 'create2': {
      const path = body.string();
      const part = result.parts[0];
      if (part?.path !== path) model.report('C12', `${what} is answered ${path}, made was ${part?.path}`);
      if (op.f === 'create2') checkStat(model, what, readStat(body), part?.node ?? null);
      return;
    }
    case 'setData':
    case 'setAcl':
      checkStat(model, what, readStat(body), result.parts[0]?.node ?? null);
      return;
    case 'multi':
      checkMulti(model, what, result.parts, body);
      return;
    default:
  }
}

function checkMulti(
  model: Model,
  what: string,
  parts: readonly { readonly err: number; readonly path: string; readonly node: GhostNode | null }[],
  body: JuteReader,
): void {
  const results = readMultiResponse(body);
  if (results.length !== parts.length) {
    model.report('C3', `${what} of ${parts.length} parts is answered ${results.length}`);
    return;
  }
  for (const [i, result] of results.entries()) {
    const part = parts[i] as (typeof parts)[number];
    if (result.type === OpCode.error) {
      if (result.response.err !== part.err) {
        model.report('C3', `part ${i} of ${what} is answered ${result.response.err} and was ${part.err}`);
      }
    } else if (part.err !== 0) {
      model.report('C3', `part ${i} of ${what} is answered as done and was ${part.err}`);
    } else if (result.type === OpCode.setData) {
      checkStat(model, `part ${i} of ${what}`, result.response.stat, part.node);
    } else if (result.type === OpCode.create && result.response.path !== part.path) {
      model.report('C12', `part ${i} of ${what} is answered ${result.response.path}, made was ${part.path}`);
    }
  }
}

/** C4: a read shows exactly the tree at the zxid that its reply names. */
export function checkReadReply(
  model: Model,
  op: ReadOp,
  reply: { readonly err: number; readonly zxid: number; readonly body: JuteReader },
): void {
  const { err, zxid, body } = reply;
  const what = beginRead(model, op, zxid);
  if (what === null) return;
  const node = model.tree.at(op.path, zxid);
  const expected = node === null ? NO_NODE : 0;
  if (err !== expected) {
    model.report('C4', `${what} is answered ${err} and not ${expected}`);
    return;
  }
  if (node === null) return;
  if (op.f === 'getData') checkData(model, what, body.buffer(), node);
  else if (op.f === 'getChildren')
    checkNames(model, what, body.strings(), model.tree.childrenAt(op.path, zxid));
  checkStat(model, what, readStat(body), node);
}

/** C4: the parts of a multiRead all show the tree at its reply's zxid; each is refused alone. */
export function checkMultiReadReply(
  model: Model,
  op: MultiReadOp,
  reply: { readonly err: number; readonly zxid: number; readonly body: JuteReader },
): void {
  const { err, zxid, body } = reply;
  const what = beginRead(model, op, zxid);
  if (what === null) return;
  if (err !== 0) {
    model.report('C4', `${what} is answered ${err}`);
    return;
  }
  const results = readMultiResponse(body);
  if (results.length !== op.ops.length) {
    model.report('C4', `${what} of ${op.ops.length} parts is answered ${results.length}`);
    return;
  }
  for (const [i, result] of results.entries())
    checkReadPart(model, `part ${i} of ${what}`, { ...(op.ops[i] as ReadOp), zxid }, result);
}

/** Counts it, and returns what it is called; null, and reported, if its reply names what nobody can see yet. */
function beginRead(model: Model, op: ReadOp | MultiReadOp, zxid: number): string | null {
  const what = `${describeOp(op)} at ${zx(zxid)}`;
  model.requests.ackedReads++;
  if (model.isCommitted(zxid)) return what;
  model.report('C4', `${what} shows what is not committed`);
  return null;
}

function checkReadPart(
  model: Model,
  what: string,
  { f, path, zxid }: ReadOp & { readonly zxid: number },
  result: MultiResult,
): void {
  const node = model.tree.at(path, zxid);
  const err = result.type === OpCode.error ? result.response.err : 0;
  const expected = node === null ? NO_NODE : 0;
  if (err !== expected) {
    model.report('C4', `${what} is answered ${err} and not ${expected}`);
  } else if (node === null) {
    // It is right to be refused.
  } else if (f === 'getData' && result.type === OpCode.getData) {
    checkData(model, what, result.response.data, node);
    checkStat(model, what, result.response.stat, node);
  } else if (f === 'getChildren' && result.type === OpCode.getChildren) {
    checkNames(model, what, result.response.children, model.tree.childrenAt(path, zxid));
  } else {
    model.report('C4', `${what} is answered as of type ${result.type}`);
  }
}

function checkData(model: Model, what: string, data: Uint8Array | null, node: GhostNode): void {
  const isRight = data === null || node.data === null ? data === node.data : sameBytes(data, node.data);
  if (!isRight) model.report('C4', `${what} shows other data`);
}

/** `right`: sorted. */
function checkNames(
  model: Model,
  what: string,
  names: readonly string[] | null,
  right: readonly string[],
): void {
  const shown = [...(names ?? [])].sort();
  if (shown.join('/') !== right.join('/')) {
    model.report('C4', `${what} shows [${shown.join(' ')}] and not [${right.join(' ')}]`);
  }
}

function checkStat(model: Model, what: string, stat: Stat, node: GhostNode | null): void {
  if (node === null) {
    model.report('C4', `${what} shows a node that is not there`);
    return;
  }
  const wrong =
    (stat.czxid !== node.czxid && `czxid ${zx(stat.czxid)} and not ${zx(node.czxid)}`) ||
    (stat.mzxid !== node.mzxid && `mzxid ${zx(stat.mzxid)} and not ${zx(node.mzxid)}`) ||
    (stat.pzxid !== node.pzxid && `pzxid ${zx(stat.pzxid)} and not ${zx(node.pzxid)}`) ||
    (stat.ctime !== node.ctime && `ctime ${stat.ctime} and not ${node.ctime}`) ||
    (stat.mtime !== node.mtime && `mtime ${stat.mtime} and not ${node.mtime}`) ||
    (stat.version !== node.version && `version ${stat.version} and not ${node.version}`) ||
    (stat.aversion !== node.aversion && `aversion ${stat.aversion} and not ${node.aversion}`) ||
    (stat.cversion !== 2 * node.creates - node.numChildren && `cversion ${stat.cversion}`) ||
    (stat.numChildren !== node.numChildren && `${stat.numChildren} children and not ${node.numChildren}`) ||
    (stat.dataLength !== (node.data?.length ?? 0) && `${stat.dataLength} bytes`) ||
    (stat.ephemeralOwner !== node.owner && `owner ${stat.ephemeralOwner} and not ${node.owner}`);
  if (wrong !== false) model.report('C4', `${what} shows ${wrong}`);
}
