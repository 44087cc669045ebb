import type { History } from './history.ts';
import { CodecState, HEAD, keySlot } from './op-codec.ts';
import { isWrite, NONE, Outcome } from './op.ts';

/** Puts the operations of one file's blocks, in order, into rows of a history. The inverse of `writeOp`. */
export class OpDecoder {
  readonly #history: History;
  readonly #state = new CodecState();
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(history: History) {
    this.#history = history;
  }

  /** The payload's CRC was right, so its bytes are what `writeOp` wrote. */
  decodeBlock(payload: Uint8Array, firstRow: number, ops: number): void {
    this.#bytes = payload;
    this.#at = 0;
    for (let row = firstRow; row < firstRow + ops; row++) this.#decodeOp(row);
  }

  #decodeOp(row: number): void {
    const history = this.#history;
    const state = this.#state;
    const head = this.#byte() | (this.#byte() << 8);
    const process = this.#unsigned();
    if (process >= state.lastXid.length) state.growTo(process);
    const xid = (state.lastXid[process] ?? 0) + this.#signed();
    state.lastXid[process] = xid;
    const key = this.#signed();
    const completeNs = state.lastCompleteNs + this.#signed();
    state.lastCompleteNs = completeNs;
    const invokeNs = completeNs - this.#signed();
    const outcome = (head >>> HEAD.outcomeShift) & 3;

    history.kind[row] = head & 15;
    history.outcome[row] = outcome;
    history.phase[row] = (head >>> HEAD.phaseShift) & 3;
    history.inMulti[row] = (head & HEAD.inMulti) !== 0 ? 1 : 0;
    history.process[row] = process;
    history.xid[row] = xid;
    history.key[row] = key;
    history.completeNs[row] = completeNs;
    history.invokeNs[row] = invokeNs;
    if (outcome !== Outcome.ok) history.error[row] = this.#signed();
    history.intendedNs[row] = (head & HEAD.intended) !== 0 ? invokeNs - this.#signed() : NONE;
    history.sequence[row] = (head & HEAD.sequence) !== 0 ? this.#signed() : NONE;
    if ((head & HEAD.zxid) !== 0) {
      state.lastZxid += this.#signed();
      history.zxid[row] = state.lastZxid;
    } else {
      history.zxid[row] = NONE;
    }
    history.valueId[row] = (head & HEAD.value) !== 0 ? this.#valueId(process, key, isWrite(head & 15)) : NONE;
    history.askedVersion[row] = (head & HEAD.asked) !== 0 ? this.#signed() : NONE;
    if ((head & HEAD.stat) !== 0) this.#decodeStat(row, key, isWrite(head & 15));
    else this.#clearStat(row);
    if ((head & HEAD.children) !== 0) {
      // The literal is in file order: JavaScript evaluates it top to bottom, so it is the decoder.
      history.children.set(row, {
        cversion: this.#signed(),
        numChildren: this.#signed(),
        pzxid: this.#signed(),
      });
    }
  }

  #valueId(process: number, key: number, isNew: boolean): number {
    const state = this.#state;
    const slot = keySlot(key);
    const expected = isNew ? (state.lastValueId[process] ?? 0) + 1 : (state.valueIdOfKey[slot] ?? 0);
    const valueId = expected + this.#signed();
    if (isNew) state.lastValueId[process] = valueId;
    state.valueIdOfKey[slot] = valueId;
    return valueId;
  }

  #decodeStat(row: number, key: number, isOfWrite: boolean): void {
    const history = this.#history;
    const state = this.#state;
    const slot = keySlot(key);
    history.version[row] = this.#signed();
    const mzxid = (isOfWrite ? state.lastZxid : (state.mzxidOfKey[slot] ?? 0)) + this.#signed();
    const czxid = (state.czxidOfKey[slot] ?? 0) + this.#signed();
    state.mzxidOfKey[slot] = mzxid;
    state.czxidOfKey[slot] = czxid;
    history.mzxid[row] = mzxid;
    history.czxid[row] = czxid;
  }

  #clearStat(row: number): void {
    const { version, mzxid, czxid } = this.#history;
    version[row] = NONE;
    mzxid[row] = NONE;
    czxid[row] = NONE;
  }

  #signed(): number {
    const value = this.#unsigned();
    // `value & 1` looks at the lowest 32 bits only, which is all a parity needs.
    return (value & 1) === 0 ? value / 2 : -(value + 1) / 2;
  }

  #unsigned(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++] ?? 0;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let shift = 7;
    do {
      byte = bytes[this.#at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80 && shift < 28);
    for (let scale = 2 ** 28; byte >= 0x80; scale *= 128) {
      byte = bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * scale;
    }
    return value;
  }

  #byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }
}
