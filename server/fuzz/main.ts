import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { tryInput } from './campaign.ts';
import { keepFinding } from './findings.ts';
import { fuzzTarget } from './fuzz-target.ts';
import type { FuzzTarget } from './target.ts';
import { TARGETS } from './targets/index.ts';

const USAGE = `usage: npm run fuzz -- [--seconds N] [--target NAME]... [--seed N] [--input FILE]
  Brings bytes that nobody should send to every place where bytes come in: recorded traffic and files, changed.
  --seconds  in all, shared by the targets and by the processor's cores (60)
  --target   one of ${TARGETS.map(({ name }) => name).join(' ')}
  --input    one input for one target, once more
exit code: 0 nothing found, 1 a finding (it is kept below server/fuzz/findings), 2 usage`;

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    target: { type: 'string', multiple: true },
    input: { type: 'string' },
    help: { type: 'boolean' },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const seconds = Number(options.seconds);
  const seed = options.seed === undefined ? Date.now() : Number(options.seed);
  const names = options.target ?? TARGETS.map(({ name }) => name);
  const targets = TARGETS.filter(({ name }) => names.includes(name));
  const isUsable = seconds > 0 && Number.isSafeInteger(seed) && targets.length === names.length;
  if (options.help === true || !isUsable || (options.input !== undefined && targets.length !== 1)) {
    console.error(USAGE);
    return 2;
  }
  if (options.input !== undefined) return again(targets[0] as FuzzTarget, options.input);
  console.log(`seed ${seed}`);
  return fuzzAll(targets, seconds, seed);
}

/** Lets an error through, with its stack. */
function again(target: FuzzTarget, file: string): number {
  const finding = tryInput(target, new Uint8Array(readFileSync(file)));
  if (finding === null) {
    console.log('taken as it should be');
    return 0;
  }
  console.error(finding.error);
  return 1;
}

async function fuzzAll(targets: readonly FuzzTarget[], seconds: number, seed: number): Promise<number> {
  const threads = Math.min(targets.length, availableParallelism());
  const forMs = (seconds * 1000 * threads) / targets.length;
  const waiting = [...targets];
  let findings = 0;
  let inputs = 0;
  const work = async (): Promise<void> => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      const result = await fuzzTarget(target, seed, forMs);
      inputs += result.inputs;
      console.log(`${target.name.padEnd(18)} ${result.inputs.toLocaleString('en').padStart(12)} inputs`);
      if (result.finding === null) continue;
      findings++;
      const { input, what } = result.finding;
      console.log(`${target.name}: ${what}`);
      if (input.length > 0) console.log(`kept: ${keepFinding(target.name, input)} (${input.length} bytes)`);
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  console.log(`${inputs.toLocaleString('en')} inputs, ${findings} findings`);
  return findings === 0 ? 0 : 1;
}
