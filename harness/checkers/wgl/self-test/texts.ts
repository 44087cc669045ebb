import { ErrorCode } from '../../../../server/wire/error-code.ts';
import { NONE } from '../../../history/op.ts';
import type { CounterInput, CounterOutput } from '../models/counter.ts';
import type { MutexInput, MutexOutput } from '../models/mutex.ts';
import { EMPTY, type QueueInput, type QueueOutput } from '../models/queue.ts';
import type { RegisterInput, RegisterOutput } from '../models/register.ts';
import type { SetInput, SetOutput } from '../models/set.ts';
import {
  ANY_VERSION,
  type VersionedRegisterInput,
  type VersionedRegisterOutput,
} from '../models/versioned-register.ts';
import type { ZnodeInput, ZnodeOutput } from '../models/znode.ts';

/** What a text in a timeline says. `?` as an answer: none came. */
interface Said<Input, Output> {
  readonly input: Input;
  readonly output: Output | null;
}

/** `w1`, `r1`, `r?`, `c1,2` swapped, `c1,2!` not swapped, `c1,2?`. */
export function registerText(text: string): Said<RegisterInput, RegisterOutput> {
  const { letter, numbers, end } = split(text);
  const [first = 0, second = 0] = numbers;
  if (letter === 'w') return { input: { kind: 'write', value: first }, output: end === '?' ? null : 1 };
  if (letter === 'r') return { input: { kind: 'read' }, output: end === '?' ? null : first };
  const output = end === '?' ? null : end === '!' ? 0 : 1;
  return { input: { kind: 'swap', expected: first, value: second }, output };
}

/** `w5@2` made version 2, `w5@?` some version, `w5 if 1@2`, `w5 if 1!` refused, `w5?`, `r5@2`. */
export function versionedRegisterText(text: string): Said<VersionedRegisterInput, VersionedRegisterOutput> {
  const match = /^(?<kind>[wr])(?<value>\d+)(?: if (?<asked>\d+))?(?:@(?<version>\d+|\?)|(?<end>[!?]))$/.exec(
    text,
  );
  const { kind, value, asked, version, end } = match?.groups ?? fail(text);
  const isRefused = end === '!';
  const output = isRefused
    ? { isRefused }
    : {
        isRefused,
        version: version === '?' ? null : Number(version),
        value: kind === 'r' ? Number(value) : null,
      };
  const askedVersion = asked === undefined ? ANY_VERSION : Number(asked);
  const input =
    kind === 'r' ? { kind: 'read' as const } : { kind: 'write' as const, value: Number(value), askedVersion };
  return { input, output: end === '?' ? null : output };
}

/** `create 5`, `set 6@1`, `set 6 if 0@1`, `del`, `del if 3`, `check 2`, `read 6@1`, `read gone`; `… !badVersion`, `… ?`. */
export function znodeText(text: string): Said<ZnodeInput, ZnodeOutput> {
  const parts = text.split(' + ');
  if (parts.length === 1) return znodePart(text);
  const said = parts.map(znodePart);
  const outputs = said.map(({ output }) => output);
  return {
    input: { kind: 'multi', parts: said.map(({ input }) => input) },
    output: outputs.includes(null)
      ? null
      : {
          error: ErrorCode.ok,
          version: NONE,
          value: NONE,
          parts: outputs.filter((output) => output !== null),
        },
  };
}

type ZnodePartInput = Exclude<ZnodeInput, { readonly kind: 'multi' }>;

function znodePart(text: string): Said<ZnodePartInput, ZnodeOutput> {
  const match =
    /^(?<kind>\w+)(?: (?<value>\d+|gone))?(?: if (?<asked>\d+))?(?:@(?<version>\d+))?(?: (?<end>\?|!\w+))?$/.exec(
      text,
    );
  const { kind = '', value = NONE, asked = NONE, version = NONE, end = '' } = match?.groups ?? fail(text);
  const error =
    value === 'gone' ? ErrorCode.noNode : end.startsWith('!') ? errorCode(end.slice(1)) : ErrorCode.ok;
  const output = {
    error,
    version: Number(version),
    value: kind === 'read' && error === ErrorCode.ok ? Number(value) : NONE,
  };
  return { input: znodeInput(kind, Number(value), Number(asked)), output: end === '?' ? null : output };
}

function znodeInput(kind: string, value: number, askedVersion: number): ZnodePartInput {
  switch (kind) {
    case 'create':
      return { kind, value };
    case 'set':
      return { kind: 'setData', value, askedVersion };
    case 'del':
      return { kind: 'delete', askedVersion };
    case 'check':
      return { kind, askedVersion: value };
    case 'read':
      return { kind };
    default:
      return fail(kind);
  }
}

/** `+2=5`, `+2=?`, `r5`. */
export function counterText(text: string): Said<CounterInput, CounterOutput> {
  const { letter, numbers, end } = split(text);
  const output = end === '?' ? null : (numbers.at(-1) ?? 0);
  return { input: letter === '+' ? { kind: 'add', amount: numbers[0] ?? 0 } : { kind: 'read' }, output };
}

/** `add 1`, `add 1!` it was there, `rem 1`, `rem 1!`, `has 1`, `has 1!`, `list 1 2`; `add 1?`. */
export function setText(text: string): Said<SetInput, SetOutput> {
  const { letter, numbers, end } = split(text);
  if (letter === 'list') return { input: { kind: 'list' }, output: end === '?' ? null : numbers };
  const kind = letter === 'add' || letter === 'has' ? letter : 'remove';
  return { input: { kind, element: numbers[0] ?? 0 }, output: end === '?' ? null : end !== '!' };
}

/** `e1`, `d1`, `d-` nothing was there, `d?`. */
export function queueText(text: string): Said<QueueInput, QueueOutput> {
  const { letter, numbers, end } = split(text);
  const number = numbers[0] ?? EMPTY;
  if (letter === 'e') return { input: { kind: 'enqueue', item: number }, output: end === '?' ? null : 0 };
  return { input: { kind: 'dequeue' }, output: end === '?' ? null : number };
}

/** `a1` granted to 1, `a1!` refused, `a1?`; `l1` released by 1. */
export function mutexText(text: string): Said<MutexInput, MutexOutput> {
  const { letter, numbers, end } = split(text);
  const input = { kind: letter === 'a' ? 'acquire' : 'release', who: numbers[0] ?? 0 } as const;
  return { input, output: end === '?' ? null : end !== '!' };
}

function split(text: string): { readonly letter: string; readonly numbers: number[]; readonly end: string } {
  const match = /^(?<letter>[a-z+]+) ?(?<rest>[\d ,=]*)(?<end>[!?-]?)$/.exec(text);
  const { letter = '', rest = '', end = '' } = match?.groups ?? fail(text);
  return { letter, numbers: [...rest.matchAll(/\d+/g)].map(([digits]) => Number(digits)), end };
}

function errorCode(name: string): number {
  return Object.entries(ErrorCode).find(([each]) => each === name)?.[1] ?? fail(name);
}

function fail(text: string): never {
  throw new Error(`not an operation: ${text}`);
}
