import type { JuteReader } from '../../server/wire/jute-reader.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { type MultiResult, readMultiResponse } from '../../server/wire/records/multi-response.ts';
import { readStat, type Stat } from '../../server/wire/records/stat.ts';
import { hex, zx, type GhostNode } from './ghost-tree.ts';
import { answerName } from './answer-name.ts';
import { quoted } from './quoted.ts';
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
    model.report('C5', `${what} is answered, and that is the txn of another request`, [{ is: 'txn', zxid }]);
    return;
  }
  if (result.err !== err)
    model.report('C5', `${what} is answered ${answerName(err)} and was ${answerName(result.err)}`);
  if (zxid <= request.ackedBefore) {
    const { ackedBefore } = request;
    model.report('C5', `${what} was sent after ${zx(ackedBefore)} had been acknowledged`, [
      { is: 'txn', zxid: ackedBefore },
    ]);
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
        model.report(
          'C3',
          `part ${i} of ${what} is answered ${answerName(result.response.err)} and was ${answerName(part.err)}`,
        );
      }
    } else if (part.err !== 0) {
      model.report('C3', `part ${i} of ${what} is answered as done and was ${answerName(part.err)}`);
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
    reportExistence(model, what, err, node);
    return;
  }
  if (node === null) return;
  if (op.f === 'getData') checkData(model, what, body.buffer(), node);
  else if (op.f === 'getChildren')
    checkNames(model, what, body.strings(), { right: model.tree.childrenAt(op.path, zxid), node });
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
    model.report('C4', `${what} is answered ${answerName(err)}`);
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
    reportExistence(model, what, err, node);
  } else if (node === null) {
    // It is right to be refused.
  } else if (f === 'getData' && result.type === OpCode.getData) {
    checkData(model, what, result.response.data, node);
    checkStat(model, what, result.response.stat, node);
  } else if (f === 'getChildren' && result.type === OpCode.getChildren) {
    checkNames(model, what, result.response.children, { right: model.tree.childrenAt(path, zxid), node });
  } else {
    model.report('C4', `${what} is answered as of type ${result.type}`);
  }
}

function checkData(model: Model, what: string, data: Uint8Array | null, node: GhostNode): void {
  const isRight = data === null || node.data === null ? data === node.data : sameBytes(data, node.data);
  if (!isRight) reportShown(model, `${what} shows ${quoted(data)} and not ${quoted(node.data)}`, node.mzxid);
}

/** `right`: sorted. */
function checkNames(
  model: Model,
  what: string,
  names: readonly string[] | null,
  { right, node }: { readonly right: readonly string[]; readonly node: GhostNode },
): void {
  const shown = [...(names ?? [])].sort();
  if (shown.join('/') !== right.join('/')) {
    reportShown(model, `${what} shows {${shown.join(' ')}} and not {${right.join(' ')}}`, node.pzxid);
  }
}

function reportExistence(model: Model, what: string, err: number, node: GhostNode | null): void {
  if (node === null) model.report('C4', `${what} is answered ${answerName(err)}, and there is no such node`);
  else reportShown(model, `${what} is answered ${answerName(err)}, and the node is there`, node.mzxid);
}

/** `since`: the txn that has made it what is right. */
function reportShown(model: Model, message: string, since: number): void {
  const when = since <= 0 || message.endsWith(zx(since)) ? '' : `, as of ${zx(since)}`;
  model.report('C4', message + when, since <= 0 ? [] : [{ is: 'txn', zxid: since }]);
}

function checkStat(model: Model, what: string, stat: Stat, node: GhostNode | null): void {
  if (node === null) {
    model.report('C4', `${what} shows a node that is not there`);
    return;
  }
  const wrong =
    (stat.czxid !== node.czxid && ['czxid', zx(stat.czxid), zx(node.czxid), node.czxid]) ||
    (stat.mzxid !== node.mzxid && ['mzxid', zx(stat.mzxid), zx(node.mzxid), node.mzxid]) ||
    (stat.pzxid !== node.pzxid && ['pzxid', zx(stat.pzxid), zx(node.pzxid), node.pzxid]) ||
    (stat.ctime !== node.ctime && ['ctime', stat.ctime, node.ctime, node.czxid]) ||
    (stat.mtime !== node.mtime && ['mtime', stat.mtime, node.mtime, node.mzxid]) ||
    (stat.version !== node.version && ['version', stat.version, node.version, node.mzxid]) ||
    (stat.aversion !== node.aversion && ['aversion', stat.aversion, node.aversion, 0]) ||
    wrongCounter(stat, node) ||
    (stat.ephemeralOwner !== node.owner && ['owner', hex(stat.ephemeralOwner), hex(node.owner), node.czxid]);
  if (wrong === false) return;
  const [field, shown, right, since] = wrong;
  reportShown(model, `${what} shows ${field} ${shown} and not ${right}`, Number(since));
}

function wrongCounter(stat: Stat, node: GhostNode): readonly [string, number, number, number] | null {
  const cversion = 2 * node.creates - node.numChildren;
  const length = node.data?.length ?? 0;
  if (stat.cversion !== cversion) return ['cversion', stat.cversion, cversion, node.pzxid];
  if (stat.numChildren !== node.numChildren)
    return ['numChildren', stat.numChildren, node.numChildren, node.pzxid];
  return stat.dataLength === length ? null : ['dataLength', stat.dataLength, length, node.mzxid];
}
