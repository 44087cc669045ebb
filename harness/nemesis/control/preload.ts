// Loaded into a server with `--import`: makes its disk and its clocks wrong as the harness says, while it runs, and
// tells the harness how often that had an effect. The server's own code knows nothing of it.
import { connect, type Socket } from 'node:net';
import { ActiveSettings } from './active-settings.ts';
import { FaultyClock, installClock, type TrueClock } from './faulty-clock.ts';
import { installDisk } from './faulty-disk.ts';
import { JsonLines } from './json-lines.ts';
import {
  type ClockReading,
  CONTROL_VARIABLE,
  type ControlAddress,
  type ControlReport,
  type ControlRequest,
} from './settings.ts';

const address = process.env[CONTROL_VARIABLE];
if (address !== undefined) await obey(JSON.parse(address) as ControlAddress);

/** Resolves once what is imposed is in force: the server is not to do anything before. */
async function obey({ port, token, serverId }: ControlAddress): Promise<void> {
  const trueClock = { wallMs: Date.now.bind(Date), monotonicMs: performance.now.bind(performance) };
  const realTimeout = setTimeout;
  let socket: Socket | null = null;
  const report = (line: ControlReport): void => {
    if (socket?.writable === true) socket.write(`${JSON.stringify(line)}\n`);
  };
  const settings = new ActiveSettings(trueClock.monotonicMs, (id, count) =>
    report({ type: 'effect', id, count }),
  );
  const clock = new FaultyClock(trueClock, settings);

  await new Promise<void>((resolve, reject) => {
    const lines = new JsonLines<ControlRequest>((request) => {
      const { serial } = request;
      switch (request.type) {
        case 'impose':
          settings.replace(request.settings);
          clock.settingsChanged();
          report({ type: 'imposed', serial, ids: settings.ids });
          resolve();
          break;
        case 'read-clock':
          report({ type: 'clock', serial, reading: readingOf(clock, trueClock) });
          break;
      }
    });
    socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.setEncoding('utf8').on('data', (text: string) => lines.push(text));
    // Of a harness that is gone nothing more is to be heard; its guardian ends this process.
    socket.on('error', reject).on('close', () => reject(new Error('the harness has hung up')));
    report({ type: 'hello', token, serverId, pid: process.pid });
  });
  (socket as Socket | null)?.unref();
  installDisk(settings, {
    nowMs: trueClock.monotonicMs,
    after: (ms, run) => void realTimeout(run, ms),
  });
  installClock(clock);
}

/** As the server itself would read them. */
function readingOf(clock: FaultyClock, trueClock: TrueClock): ClockReading {
  return {
    reads: clock.reads,
    wallMs: Date.now(),
    trueWallMs: trueClock.wallMs(),
    monotonicMs: performance.now(),
    trueMonotonicMs: trueClock.monotonicMs(),
  };
}
