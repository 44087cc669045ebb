import { Prober } from './prober.ts';
import type { ProberCommand, ProberMessage, ProberSummary } from './prober-messages.ts';

/** A prober without its parent has nobody to probe for. */
process.on('disconnect', () => process.exit(isFinished ? 0 : 1));
if (!process.connected) {
  process.stderr.write('A prober is started by a run, not by hand: try npm run bench\n');
  process.exit(2);
}
// Ctrl-C at the terminal reaches the whole process group; the parent decides what it means.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

let prober: Prober | null = null;
let isFinished = false;

function send(message: ProberMessage): void {
  process.send?.(message);
}

async function execute(command: ProberCommand): Promise<ProberSummary | null> {
  if (command.type === 'open') {
    prober = new Prober(command.config);
    await prober.open();
    return null;
  }
  if (prober === null) throw new Error(`${command.type} came before open`);
  if (command.type === 'end') return prober.end();
  prober.begin();
  return null;
}

process.on('message', (command: ProberCommand) => {
  execute(command).then(
    (summary) => {
      send({ type: 'done', summary });
      if (command.type !== 'end') return;
      isFinished = true;
      process.disconnect();
    },
    (error: unknown) => {
      send({
        type: 'failed',
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    },
  );
});
