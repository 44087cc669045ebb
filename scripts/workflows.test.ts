import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WORKFLOWS = '.github/workflows';
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const step = z.union([
  z.strictObject({
    uses: z.string(),
    if: z.string().optional(),
    with: z.record(z.string(), scalar).optional(),
  }),
  z.strictObject({ run: z.string(), env: z.record(z.string(), z.string()).optional() }),
]);
const workflow = z.strictObject({
  name: z.string(),
  on: z.record(z.enum(['push', 'pull_request', 'schedule', 'workflow_dispatch']), z.unknown()),
  permissions: z.record(z.string(), z.enum(['read', 'write', 'none'])),
  concurrency: z.strictObject({ group: z.string(), 'cancel-in-progress': z.boolean() }),
  jobs: z.record(
    z.string(),
    z.strictObject({
      name: z.string().optional(),
      'runs-on': z.string(),
      container: z.string().optional(),
      strategy: z
        .strictObject({ 'fail-fast': z.boolean(), matrix: z.record(z.string(), z.array(scalar)) })
        .optional(),
      'timeout-minutes': z.number().max(360),
      steps: z.array(step).min(1),
    }),
  ),
});

const FILES = readdirSync(join(ROOT, WORKFLOWS));
const workflows = new Map(FILES.map((file) => [file, workflow.parse(parse(read(`${WORKFLOWS}/${file}`)))]));
const steps = [...workflows.values()].flatMap(({ jobs }) =>
  Object.values(jobs).flatMap(({ steps }) => steps),
);
const lines = steps.flatMap((step) => ('run' in step ? step.run.trim().split('\n') : []));
const ciRun = read('.ci/run');
const scripts = z
  .object({ scripts: z.record(z.string(), z.string()), engines: z.object({ node: z.string() }) })
  .parse(JSON.parse(read('package.json')));

await t.test('every script of npm that CI runs is in package.json', async (t) => {
  const named = [...`${lines.join('\n')}\n${ciRun}`.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(
    ([, name]) => name ?? '',
  );
  t.ok(named.length > 5);
  t.ok(lines.length > 4);
  for (const name of named) t.ok(name in scripts.scripts, name);
});

await t.test('every program of the project that CI runs is there, and can be run', async (t) => {
  const named = [...`${lines.join('\n')}\n${ciRun}`.matchAll(/(?<![\w/])\.ci\/[\w.-]+/g)].map(
    ([path]) => path,
  );
  t.ok(named.includes('.ci/run') && named.includes('.ci/other-nodes.sh'));
  for (const path of named) t.doesNotThrow(() => accessSync(join(ROOT, path), constants.X_OK), path);
  const tests = [...ciRun.matchAll(/node (dist\/[\w/.-]+\.js)/g)].map(([, path]) => path ?? '');
  for (const path of tests) t.ok(existsSync(join(ROOT, path)), path);
});

await t.test(
  'a line is one command that is known: nothing that was typed by others becomes part of it',
  async (t) => {
    for (const line of lines) {
      t.match(line, /^(\.ci\/|npm (ci|run) ?)/, line);
      t.notMatch(line, '${{', line);
    }
  },
);

await t.test('every option that the night is given exists', async (t) => {
  const help = spawnSync(process.execPath, [join(ROOT, 'dist/harness/main.js'), 'nightly', '--help']);
  const nights = lines.filter((line) => line.includes('npm run nightly'));
  t.equal(nights.length, 1);
  for (const [option] of nights.join(' ').matchAll(/--\w[\w-]+/g))
    t.match(String(help.stdout), `${option} <`, option);
});

await t.test('actions are pinned, nothing may be written, and every job ends', async (t) => {
  for (const step of steps)
    if ('uses' in step) t.match(step.uses, /^[\w-]+\/[\w/-]+@(v\d+|[0-9a-f]{40})$/, step.uses);
  for (const [file, { permissions }] of workflows) t.same(permissions, { contents: 'read' }, file);
});

await t.test('what is kept of a night is where the night puts it', async (t) => {
  const paths = steps.flatMap((step) =>
    'uses' in step && 'path' in (step.with ?? {}) ? [step.with?.['path']] : [],
  );
  t.ok(paths.includes('runs/nights') && paths.includes('runs/*-night-*'), paths.join(' '));
  const help = String(
    spawnSync(process.execPath, [join(ROOT, 'dist/harness/main.js'), 'nightly', '--help']).stdout,
  );
  t.match(help, /--history <directory>[^]*\(default:\s+"runs\/nights"\)/);
  t.match(help, /--out <directory>[^]*\(default: "runs"\)/);
});

await t.test(
  'Node 20, 22 and 24 are covered, the first of which is the oldest that is supported',
  async (t) => {
    const jobs = Object.values(workflows.get('ci.yml')?.jobs ?? {});
    const containers = jobs.flatMap(({ container }) => /^node:(\d+)-/.exec(container ?? '')?.slice(1) ?? []);
    const matrix = jobs.flatMap(({ strategy }) => strategy?.matrix['node'] ?? []);
    t.same([...containers, ...matrix].map(Number), [20, 22, 24]);
    t.equal(scripts.engines.node, '>=20.19');
  },
);
