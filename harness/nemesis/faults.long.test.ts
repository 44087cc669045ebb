import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../client/client.ts';
import { readTrees } from '../ensemble/read-trees.ts';
import { ServerControls } from './control/server-controls.ts';
import { dataFiles, flipBit } from './data-files.ts';
import type { Aim, Fault, FaultParams } from './fault.ts';
import { FAULTS } from './faults.ts';
import { type ProcessField, processServerOf } from './field.ts';
import { Battlefield } from './testing/battlefield.ts';

const ENDED = /^server \d: process \d+ has ended by SIGKILL/;
const STOPPED = /^server \d: process \d+ is in state T/;
const SERVES = /^server \d serves, process \d+ is in state [RSD]/;
const RUNS = /^server \d: process \d+ is in state [RSD]/;
const LIFTED = /^server \d says that it is over, after [1-9]\d* times/;

interface Expected {
  readonly name: string;
  readonly params?: FaultParams;
  readonly label: RegExp;
  readonly active: RegExp;
  readonly healed: RegExp;
}

/** What every fault is to say of itself, on three servers of ours. */
const EXPECTED: readonly Expected[] = [
  { name: 'kill-any', label: /killed/, active: ENDED, healed: SERVES },
  { name: 'kill-leader', label: /^leader killed \(server \d\)$/, active: ENDED, healed: SERVES },
  {
    name: 'kill-follower',
    params: { againAfterMs: 50 },
    label: /^follower killed/,
    active: ENDED,
    healed: SERVES,
  },
  { name: 'kill-minority', label: / killed \(server \d\)$/, active: ENDED, healed: SERVES },
  {
    name: 'kill-majority',
    params: { pick: 1 },
    label: /^servers \d, \d killed$/,
    active: ENDED,
    healed: SERVES,
  },
  { name: 'kill-all', label: /^all 3 servers killed$/, active: ENDED, healed: SERVES },
  {
    name: 'kill-in-synchronisation',
    label: /^servers \d, \d, \d killed$/,
    active: /ended by SIGKILL; the others were \d+ txns ahead of it, it had begun/,
    healed: SERVES,
  },
  { name: 'pause-leader', label: /^leader paused/, active: STOPPED, healed: RUNS },
  { name: 'pause-follower', label: /^follower paused/, active: STOPPED, healed: RUNS },
  { name: 'pause-minority', label: / paused/, active: STOPPED, healed: RUNS },
  {
    name: 'rolling-restart',
    label: /^servers \d, \d, \d restarted one by one$/,
    active: /^other processes, server \d: \d+ → \d+; /,
    healed: SERVES,
  },
  {
    name: 'replace-member',
    label: /^follower replaced by an empty one/,
    active: /ended by SIGKILL; server \d lost [1-9]\d* files of [1-9]\d* bytes/,
    healed: /has come to the leader's zxid 0x[0-9a-f]+; server \d has [1-9]\d* files again/,
  },
  {
    name: 'reconfig-out-and-in',
    label: /^follower taken out of the ensemble/,
    active: /^of version [0-9a-f]+ server \d is no member$/,
    healed: /^of version [0-9a-f]+ server \d is a member again; server \d serves/,
  },
  {
    name: 'clock-jump',
    params: { byMs: -86_400_000 },
    label: /^leader with its clock off by -86400000 ms/,
    active: /^the clock of server \d, which has read it [1-9]\d* times, is off by -8640000[0-2] ms$|-863999/,
    healed: /is off by -?[0-2] ms$/,
  },
  {
    name: 'clock-skew',
    params: { spreadMs: 60_000 },
    label: /^clocks of 3 servers apart by up to 120000 ms$/,
    active: /off by -(60000|59999) ms; .*off by (60000|59999|60001) ms/,
    healed: /off by -?[0-2] ms; .*off by -?[0-2] ms$/,
  },
  {
    name: 'clock-strobe',
    params: { byMs: 60_000, flipEveryMs: 20 },
    label: /^leader with its clock off by 60000 ms every other 20 ms/,
    active: /off by (60000|59999|60001) ms$/,
    healed: /off by -?[0-2] ms$/,
  },
  {
    name: 'clock-drift',
    params: { rate: 1.25 },
    label: /^leader with clocks 1.25 times as fast/,
    active: /^in \d+ ms the clock of server \d went \d+ ms .* 1\.2[3-7]\d times as fast$/,
    healed: / (0\.9[89]|1\.0[012])\d times as fast$/,
  },
  {
    name: 'disk-full',
    label: /^leader with a full disk/,
    active:
      /^server \d: [1-9]\d* writes found no room \(ENOSPC\); server \d: process \d+ has ended with exit code 3$/,
    healed: /says that it is over, after [1-9]\d* times; server \d serves/,
  },
  {
    name: 'flush-error',
    label: /^leader with a failed flush/,
    active: /^server \d: 1 flushes failed \(EIO\); server \d: process \d+ has ended with exit code 3$/,
    healed: /says that it is over, after 1 times; server \d serves/,
  },
  {
    name: 'slow-flush',
    params: { target: 'leader', delayMs: 120 },
    label: /^leader with flushes slower by 120 ms/,
    active: /^server \d: [1-9]\d* flushes were delayed, the longest took (11[89]|1[2-9]\d|\d{3,}) ms$/,
    healed: LIFTED,
  },
  {
    name: 'lose-unflushed',
    params: { target: 'all' },
    label: /^all 3 servers cut off before a flush$/,
    active: /server \d lost [1-9]\d* bytes in [1-9]\d* sectors of [1-9]\d* unflushed writes/,
    healed: SERVES,
  },
  {
    name: 'torn-last-write',
    params: { target: 'leader', pick: 2 },
    label: /^leader cut off in a write/,
    active: /server \d lost [1-9]\d* bytes in [1-9]\d* sectors of [1-9]\d* unflushed writes/,
    healed: SERVES,
  },
  {
    name: 'bit-flip-in-log',
    params: { at: 0.3, bit: 5 },
    label: /^follower with a bit of a log changed/,
    active: /; bit 5 of byte \d+ of log\.[0-9a-f]+ of server \d changed: 0x[0-9a-f]+ is 0x[0-9a-f]+$/,
    healed:
      /^server \d (refused to start \(exit code 3: .*\), and was given an empty disk|started on what is intact); /,
  },
  {
    name: 'bit-flip-in-snapshot',
    params: { at: 0.5, bit: 1 },
    label: /^follower with a bit of a snapshot changed/,
    active: /; bit 1 of byte \d+ of snapshot\.[0-9a-f]+ of server \d changed: /,
    healed:
      /^server \d (refused to start \(exit code 3: .*\), and was given an empty disk|started on what is intact); /,
  },
];

/** Those that take proxies between the servers are tried with such. */
const DIRECT = [...FAULTS.values()].filter(({ needs }) => needs.network !== true);

function faultCalled(name: string): Fault {
  const fault = FAULTS.get(name);
  if (fault === undefined) throw new Error(`there is no ${name}`);
  return fault;
}

await t.test('every fault takes effect, is healed, and says by what that is to be seen', async (t) => {
  const battlefield = await Battlefield.start(t.testdir());
  t.teardown(() => battlefield.stop());
  t.same(EXPECTED.map(({ name }) => name).sort(), DIRECT.map(({ name }) => name).sort(), 'none is left out');
  for (const { name, params, label, active, healed } of EXPECTED) {
    await t.test(name, async (t) => {
      const battle = await battlefield.fight(faultCalled(name), params);
      t.match(battle.label, label);
      t.match(battle.active, active);
      t.match(battle.healed, healed);
    });
  }
  await t.test(
    'after all of them nothing that was acknowledged is lost, and all have the same',
    async (t) => {
      await battlefield.untilWhole();
      await battlefield.rest();
      await nothingIsLost(t, battlefield);
    },
  );
});

await t.test('what takes no effect is found out', async (t) => {
  const battlefield = await Battlefield.start(t.testdir());
  t.teardown(() => battlefield.stop());
  await battlefield.untilWhole();
  await neverInjected(t, battlefield);
  await signalsToNobody(t, battlefield);
  await undoneByHand(t, battlefield);
  await withoutPreload(t, battlefield);
  await withoutLoad(t, battlefield);
});

function isNoEffect(message: RegExp): { readonly name: string; readonly message: RegExp } {
  return { name: 'NoEffectError', message };
}

async function aimed(
  { field }: Battlefield,
  name: string,
  changes: { readonly params?: FaultParams; readonly field?: Partial<ProcessField> } = {},
): Promise<Aim> {
  const aim = await faultCalled(name).aim({ ...field, ...changes.field }, changes.params ?? {});
  if (aim === null) throw new Error(`${name} finds nobody to hit`);
  return aim;
}

async function neverInjected(t: Test, battlefield: Battlefield): Promise<void> {
  await t.test('a fault that was never injected', async (t) => {
    const each = DIRECT.map(async ({ name }) => {
      const aim = await aimed(battlefield, name);
      await t.rejects(aim.proveActive(), isNoEffect(/^took no effect: /), name);
      await aim.heal(battlefield.field.signal);
    });
    await Promise.all(each);
  });
}

async function signalsToNobody(t: Test, battlefield: Battlefield): Promise<void> {
  const { ensemble, field } = battlefield;
  await t.test('a signal that goes to nobody', async (t) => {
    ensemble.kill = ensemble.pause = async () => {};
    for (const [name, message] of [
      ['kill-leader', /server \d goes on, process \d+ is in state [RSD]/],
      ['pause-leader', /server \d does not hold still, process \d+ is in state [RSD]/],
    ] as const) {
      const aim = await aimed(battlefield, name);
      await aim.inject();
      await t.rejects(aim.proveActive(), isNoEffect(message), name);
      await aim.heal(field.signal);
    }
    Reflect.deleteProperty(ensemble, 'kill');
    Reflect.deleteProperty(ensemble, 'pause');
  });

  await t.test('a process that is not let go on', async (t) => {
    ensemble.resume = async () => {};
    const aim = await aimed(battlefield, 'pause-follower');
    await aim.inject();
    await aim.proveActive();
    await aim.heal(field.signal);
    await t.rejects(aim.proveHealed(), isNoEffect(/server \d does not go on, process \d+ is in state T/));
    Reflect.deleteProperty(ensemble, 'resume');
    await Promise.all(aim.serverIds.map((id) => ensemble.resume(id)));
    await battlefield.untilWhole();
  });
}

async function undoneByHand(t: Test, battlefield: Battlefield): Promise<void> {
  const { field } = battlefield;
  const dataDirOf = (aim: Aim): string => processServerOf(field, aim.serverIds[0] ?? 0).dataDir;
  await t.test('a disk that is not empty after all', async (t) => {
    const aim = await aimed(battlefield, 'replace-member');
    await aim.inject();
    const directory = join(dataDirOf(aim), 'version-2');
    mkdirSync(directory);
    writeFileSync(join(directory, 'log.1'), '');
    await t.rejects(aim.proveActive(), isNoEffect(/server \d still has 1 files/));
    rmSync(directory, { recursive: true });
    await aim.heal(field.signal);
    await aim.proveHealed();
  });

  await t.test('a bit that is as it was', async (t) => {
    const params = { at: 0.5, bit: 3 };
    const aim = await aimed(battlefield, 'bit-flip-in-log', { params });
    await aim.inject();
    flipBit(dataFiles(dataDirOf(aim), 'log').at(-1) ?? '', params.at, params.bit);
    await t.rejects(
      aim.proveActive(),
      isNoEffect(/byte \d+ of log\.\w+ of server \d is 0x\w+ and not 0x\w+/),
    );
    await aim.heal(field.signal);
    t.match(await aim.proveHealed(), /^server \d started on what is intact/);
  });
  await battlefield.untilWhole();
}

async function withoutPreload(t: Test, battlefield: Battlefield): Promise<void> {
  await t.test('servers that were not started with the preload', async (t) => {
    const controls = await ServerControls.open();
    t.teardown(() => controls.close());
    for (const { name, needs } of FAULTS.values()) {
      if (needs.preload !== true) continue;
      const aim = await aimed(battlefield, name, { field: { controls } });
      const message = /server \d was not started with the preload, process \d+/;
      await t.rejects(aim.inject(), isNoEffect(message), name);
      await aim.heal(battlefield.field.signal);
    }
  });
}

async function withoutLoad(t: Test, battlefield: Battlefield): Promise<void> {
  await t.test('a disk that nobody writes to', async (t) => {
    await battlefield.rest();
    for (const [name, message] of [
      ['slow-flush', /server \d: 0 flushes were delayed/],
      ['disk-full', /server \d: 0 writes found no room/],
      ['lose-unflushed', /servers \d had nothing unflushed that was lost/],
    ] as const) {
      const aim = await aimed(battlefield, name, { field: { effectTimeoutMs: 200 } });
      await aim.inject();
      await t.rejects(aim.proveActive(), isNoEffect(message), name);
      await aim.heal(battlefield.field.signal);
    }
  });
}

async function nothingIsLost(t: Test, { ensemble, acknowledged }: Battlefield): Promise<void> {
  const trees = await readTrees({ servers: ensemble.servers, root: '/' });
  t.equal(trees.differing, 0, JSON.stringify(trees.differences));
  const client = await Client.connect({ connectString: ensemble.connectString });
  const { children } = await client.getChildren('/');
  await client.close();
  const found = new Set(children.map((name) => `/${name}`));
  t.ok(acknowledged.length > 0);
  t.same(
    acknowledged.filter((path) => !found.has(path)),
    [],
    `all of ${acknowledged.length}`,
  );
}
