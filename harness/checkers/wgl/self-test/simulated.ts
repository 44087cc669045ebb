import type { Prng } from '../../../../server/base/prng.ts';
import { type Model, type Operation, REFUSED } from '../model.ts';
import type { Subject } from './subjects.ts';

/**
 * The history of clients that ask one atomic object, each thing at a random moment between its call and its return:
 * linearizable, whatever comes out. Some get no answer, and of these some never reach the object.
 */
export function simulatedHistory<Input, Output>(
  subject: Subject<Input, Output>,
  prng: Prng,
  { size, processes }: { readonly size: number; readonly processes: number },
): Operation<Input, Output>[] {
  const model = subject.newModel();
  const freeAtNs = Array.from({ length: processes }, () => 0);
  const asked = Array.from({ length: size }, (_, index) => {
    const process = prng.below(processes);
    // Times are few, so that some are equal.
    const callNs = (freeAtNs[process] ?? 0) + prng.below(4);
    const returnNs = callNs + prng.below(8);
    freeAtNs[process] = returnNs + 1;
    const isAnswered = prng.below(8) > 0;
    const isLost = !isAnswered && prng.below(2) === 0;
    const atNs = isLost ? Infinity : callNs + prng.next() * (isAnswered ? returnNs - callNs : 30);
    const input = subject.inputs[prng.below(subject.inputs.length)] as Input;
    return { index, process, callNs, returnNs, isAnswered, atNs, input };
  });
  const outputs = new Map<number, Output | null>();
  let state = model.initial;
  for (const { index, atNs, input } of asked.toSorted((a, b) => a.atNs - b.atNs)) {
    if (atNs === Infinity) continue;
    const output = answerOf(subject, model, state, input);
    if (output === null) continue;
    outputs.set(index, output);
    state = model.step(state, input, output);
  }
  return asked.flatMap(({ index, process, callNs, returnNs, isAnswered, input }) => {
    const output = outputs.get(index) ?? null;
    if (isAnswered && output === null) return [];
    return [
      {
        process,
        callNs,
        returnNs: isAnswered ? returnNs : Infinity,
        input,
        output: isAnswered ? output : null,
      },
    ];
  });
}

/** Null if it is none of those that the subject names: then it isn't asked. */
function answerOf<Input, Output>(
  subject: Subject<Input, Output>,
  model: Model<Input, Output>,
  state: number,
  input: Input,
): Output | null {
  return subject.outputsOf(input).find((output) => model.step(state, input, output) !== REFUSED) ?? null;
}

/** Operations, times and answers, all by chance: mostly not linearizable. */
export function randomHistory<Input, Output>(
  subject: Subject<Input, Output>,
  prng: Prng,
  size: number,
): Operation<Input, Output>[] {
  return Array.from({ length: size }, (_, process) => {
    const input = subject.inputs[prng.below(subject.inputs.length)] as Input;
    const outputs = subject.outputsOf(input);
    const callNs = prng.below(12);
    const isAnswered = prng.below(6) > 0;
    const returnNs = isAnswered ? callNs + prng.below(8) : Infinity;
    const output = isAnswered ? (outputs[prng.below(outputs.length)] ?? null) : null;
    return { process, callNs, returnNs, input, output };
  });
}
