import t from 'tap';
import { ExitCode, UsageError } from './exit-code.ts';
import { runSoak, type SoakOptions } from './soak.ts';

async function soak(options: Partial<SoakOptions>) {
  const lines: string[] = [];
  const defaults = { seconds: 2, attacks: ['garbage', 'flood', 'drip'], p99Factor: 1000, memoryMaxMiB: 4096 };
  const code = await runSoak({ ...defaults, print: (line) => lines.push(line), ...options });
  return { code, output: lines.join('\n') };
}

await t.test('honest clients beside others that are not', async (t) => {
  const { code, output } = await soak({});
  t.equal(code, ExitCode.passed, output);
  t.match(output, /alone {6}p50 .* ms {2}p99 .* ms/);
  t.match(output, /beside {5}p50 .* ms {2}p99 .* ms {2}another server is attacked/);
  t.match(output, /garbage [1-9]\d* · flood|drip [1-9]\d* · flood [1-9]\d* · garbage [1-9]\d*/);
});

await t.test('what the server may not take is a fault', async (t) => {
  const { code, output } = await soak({ attacks: ['garbage'], memoryMaxMiB: 1 });
  t.equal(code, ExitCode.thresholdMissed);
  t.match(output, /FAULT: the server has taken \d+ MiB of 1/);
});

await t.test('an attack that is none is refused, with those there are', async (t) => {
  await t.rejects(soak({ attacks: ['charm'] }), UsageError);
  await t.rejects(
    soak({ attacks: ['charm'] }),
    /There is no attack charm.*\n {2}half-frames: 1000 connections/,
  );
});
