import { parseArgs } from 'node:util';
import { type FalseAlarm, falseAlarmOfEnsemble, falseAlarmOfObject } from './false-alarms.ts';

/**
 * Where half of what was asked of a node has no answer, every order of it may have to be tried. Few histories may be like
 * that: who decides nothing raises no false alarm either.
 */
const UNDECIDED_MAX = 0.001;

const USAGE = `usage: npm run false-alarms -- [--histories N] [--from SEED]
  Judges valid histories drawn from seeds, so many of each kind, and says which were called anything but valid: invalid is
  a false alarm, unknown one that could not be decided.
  --histories  (10000)
  --from       the first seed (0)
exit code: 0 passed, 1 a false alarm, 2 usage, 101 undecided were more than one in ${1 / UNDECIDED_MAX}`;

const KINDS: Readonly<Record<string, (seed: number) => FalseAlarm | null>> = {
  'of a correct ensemble': falseAlarmOfEnsemble,
  'of one atomic object': falseAlarmOfObject,
};

const { values: options } = parseArgs({
  options: {
    histories: { type: 'string', default: '10000' },
    from: { type: 'string', default: '0' },
    help: { type: 'boolean' },
  },
});

process.exitCode = main();

function main(): number {
  const histories = Number(options.histories);
  const from = Number(options.from);
  const isUsable =
    [histories, from].every((each) => Number.isSafeInteger(each) && each >= 0) && histories > 0;
  if (options.help === true || !isUsable) {
    console.error(USAGE);
    return 2;
  }
  const counts = { valid: 0, unknown: 0, invalid: 0 };
  for (const [kind, alarmOf] of Object.entries(KINDS)) {
    for (let seed = from; seed < from + histories; seed++) {
      const alarm = alarmOf(seed);
      counts[alarm?.verdict ?? 'valid']++;
      if (alarm !== null) console.log(`seed ${seed}, ${kind}: ${alarm.verdict}: ${alarm.why}`);
    }
    console.log(`${histories} histories ${kind}`);
  }
  console.log(`${counts.valid} valid, ${counts.unknown} undecided, ${counts.invalid} false alarms`);
  if (counts.invalid > 0) return 1;
  return counts.unknown > UNDECIDED_MAX * histories * Object.keys(KINDS).length ? 101 : 0;
}
