import { ErrorCode } from '../../../../server/wire/error-code.ts';
import { NONE } from '../../../history/op.ts';
import type { Model } from '../model.ts';
import { CounterModel, type CounterInput, type CounterOutput } from '../models/counter.ts';
import { MutexModel, type MutexInput, type MutexOutput } from '../models/mutex.ts';
import { EMPTY, QueueModel, type QueueInput, type QueueOutput } from '../models/queue.ts';
import { RegisterModel, type RegisterInput, type RegisterOutput } from '../models/register.ts';
import { SetModel, type SetInput, type SetOutput } from '../models/set.ts';
import {
  ANY_VERSION,
  VersionedRegisterModel,
  type VersionedRegisterInput,
  type VersionedRegisterOutput,
} from '../models/versioned-register.ts';
import { ZnodeModel, type ZnodeInput, type ZnodeOutput } from '../models/znode.ts';

/** A model, what it can be asked, and all that it might answer within a few operations: of few kinds, so that chance meets. */
export interface Subject<Input, Output> {
  readonly name: string;
  readonly newModel: () => Model<Input, Output>;
  readonly inputs: readonly Input[];
  readonly outputsOf: (input: Input) => readonly Output[];
}

const FEW = [1, 2, 3];
const VERSIONS = [0, 1, 2, 3];

const register: Subject<RegisterInput, RegisterOutput> = {
  name: 'register',
  newModel: () => new RegisterModel(),
  inputs: [
    { kind: 'read' },
    { kind: 'read' },
    ...FEW.map((value) => ({ kind: 'write' as const, value })),
    ...FEW.map((value) => ({ kind: 'swap' as const, expected: value - 1, value })),
  ],
  outputsOf: ({ kind }) => (kind === 'read' ? [0, ...FEW] : kind === 'write' ? [1] : [0, 1]),
};

const versionedRegister: Subject<VersionedRegisterInput, VersionedRegisterOutput> = {
  name: 'versioned register',
  newModel: () => new VersionedRegisterModel(),
  inputs: [
    { kind: 'read' },
    { kind: 'write', value: 1, askedVersion: ANY_VERSION },
    { kind: 'write', value: 2, askedVersion: ANY_VERSION },
    ...VERSIONS.map((askedVersion) => ({ kind: 'write' as const, value: 3, askedVersion })),
  ],
  outputsOf: ({ kind }) => {
    const values = kind === 'read' ? [0, ...FEW] : [null];
    const accepted = VERSIONS.flatMap((version) =>
      values.map((value) => ({ isRefused: false as const, version, value })),
    );
    return kind === 'read' ? accepted : [{ isRefused: true }, ...accepted];
  },
};

const multi: ZnodeInput = {
  kind: 'multi',
  parts: [
    { kind: 'check', askedVersion: 0 },
    { kind: 'delete', askedVersion: NONE },
    { kind: 'create', value: 3 },
  ],
};

function said(error: number, version = NONE, value = NONE): ZnodeOutput {
  return { error, version, value };
}

const znode: Subject<ZnodeInput, ZnodeOutput> = {
  name: 'znode',
  newModel: () => new ZnodeModel(),
  inputs: [
    { kind: 'create', value: 1 },
    { kind: 'create', value: 2 },
    { kind: 'setData', value: 3, askedVersion: NONE },
    { kind: 'setData', value: 1, askedVersion: 0 },
    { kind: 'delete', askedVersion: NONE },
    { kind: 'delete', askedVersion: 1 },
    { kind: 'check', askedVersion: 1 },
    { kind: 'read' },
    multi,
  ],
  outputsOf: (input) => {
    const [ok, noNode, badVersion] = [said(ErrorCode.ok), said(ErrorCode.noNode), said(ErrorCode.badVersion)];
    switch (input.kind) {
      case 'create':
        return [ok, said(ErrorCode.nodeExists)];
      case 'setData':
        return [noNode, badVersion, ...VERSIONS.map((version) => said(ErrorCode.ok, version))];
      case 'delete':
      case 'check':
        return [ok, noNode, badVersion];
      case 'read':
        return [
          noNode,
          ...VERSIONS.flatMap((version) => FEW.map((value) => said(ErrorCode.ok, version, value))),
        ];
      case 'multi':
        return [{ ...ok, parts: [ok, ok, ok] }];
    }
  },
};

const counter: Subject<CounterInput, CounterOutput> = {
  name: 'counter',
  newModel: () => new CounterModel(),
  inputs: [
    { kind: 'read' },
    { kind: 'add', amount: 1 },
    { kind: 'add', amount: 2 },
    { kind: 'add', amount: -1 },
  ],
  outputsOf: () => [-2, -1, 0, 1, 2, 3, 4, 5],
};

const set: Subject<SetInput, SetOutput> = {
  name: 'set',
  newModel: () => new SetModel(),
  inputs: [
    { kind: 'list' },
    ...[1, 2].flatMap((element) => (['add', 'remove', 'has'] as const).map((kind) => ({ kind, element }))),
  ],
  outputsOf: ({ kind }) => (kind === 'list' ? [[], [1], [2], [1, 2]] : [true, false]),
};

const queue: Subject<QueueInput, QueueOutput> = {
  name: 'queue',
  newModel: () => new QueueModel(),
  inputs: [
    { kind: 'dequeue' },
    { kind: 'dequeue' },
    ...FEW.map((item) => ({ kind: 'enqueue' as const, item })),
  ],
  outputsOf: ({ kind }) => (kind === 'dequeue' ? [EMPTY, ...FEW] : [0]),
};

const mutex: Subject<MutexInput, MutexOutput> = {
  name: 'mutex',
  newModel: () => new MutexModel(),
  inputs: [0, 1].flatMap((who) => (['acquire', 'release'] as const).map((kind) => ({ kind, who }))),
  outputsOf: () => [true, false],
};

export const SUBJECTS = [register, versionedRegister, znode, counter, set, queue, mutex] as readonly Subject<
  unknown,
  unknown
>[];
