import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { watchCpuTime } from './cpu-limit.ts';

/** A process that runs `program` when it is spoken to. */
async function startProgram(t: Test, program: string): Promise<{ child: ChildProcess; pid: number }> {
  const child = spawn(
    process.execPath,
    ['-e', `process.stdout.write('ready');process.stdin.once('data',()=>{${program}})`],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return { child, pid: child.pid as number };
}

const skip = existsSync(`/proc/${process.pid}/schedstat`)
  ? false
  : 'the system does not say what a process has used';

await t.test('a process that loops is found by the time it uses', { skip }, async (t) => {
  const { child, pid } = await startProgram(t, 'for(;;);');
  const exceeded = new Promise<void>((resolve) => watchCpuTime(pid, 100, resolve));
  child.stdin?.write('go');
  await exceeded;
  const [usedNs] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ');
  t.ok(Number(usedNs) >= 100e6, `${usedNs} ns`);
});

await t.test('one that is kept from running is not', { skip }, async (t) => {
  const { child, pid } = await startProgram(t, 'for(;;);');
  child.kill('SIGSTOP');
  child.stdin?.write('go');
  let isExceeded = false;
  const end = watchCpuTime(pid, 30, () => (isExceeded = true));
  // Of a process that loops in the meantime the limit is reached several times.
  const other = await startProgram(t, 'for(;;);');
  const passed = new Promise<void>((resolve) => watchCpuTime(other.pid, 150, resolve));
  other.child.stdin?.write('go');
  await passed;
  t.notOk(isExceeded);
  child.kill('SIGCONT');
  await new Promise<void>((resolve) => watchCpuTime(pid, 100, resolve));
  t.ok(isExceeded);
  end();
});

await t.test('a watch that has ended says nothing more', { skip }, async (t) => {
  const { child, pid } = await startProgram(t, 'for(;;);');
  let isExceeded = false;
  const end = watchCpuTime(pid, 30, () => (isExceeded = true));
  end();
  child.stdin?.write('go');
  await new Promise<void>((resolve) => watchCpuTime(pid, 100, resolve));
  t.notOk(isExceeded);
});
