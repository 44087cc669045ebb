import { Generator } from './generator.ts';
import type { GeneratorCommand, GeneratorMessage } from './generator-messages.ts';

/** A generator without its parent has nobody to report to, and must not go on loading a server. */
process.on('disconnect', () => process.exit(isFinished ? 0 : 1));
if (!process.connected) {
  process.stderr.write('A generator is started by a load run, not by hand: try npm run bench\n');
  process.exit(2);
}
// Ctrl-C at the terminal, and many a supervisor's SIGTERM, reach the whole process group; the parent decides what
// they mean.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

let generator: Generator | null = null;
let isFinished = false;

function send(message: GeneratorMessage): void {
  process.send?.(message);
}

/** @returns whether the command was carried out completely. */
async function execute(command: GeneratorCommand): Promise<boolean> {
  if (command.type === 'init') {
    generator = new Generator(command.config, send);
    await generator.open();
  } else if (generator === null) {
    throw new Error(`${command.type} came before init`);
  } else if (command.type === 'final-read') {
    return generator.finalRead(command.deadlineMs);
  } else {
    await carryOut(generator, command);
  }
  return true;
}

async function carryOut(
  generator: Generator,
  command: Exclude<GeneratorCommand, { readonly type: 'init' | 'final-read' }>,
): Promise<void> {
  switch (command.type) {
    case 'create-root':
      await generator.createRoot();
      return;
    case 'prepare':
      await generator.prepare();
      return;
    case 'start':
      generator.start(command.phase, command.historyPhase);
      return;
    case 'phase':
      generator.enterPhase(command.phase, command.historyPhase);
      return;
    case 'stop':
      await generator.stop(command.drainMs);
      return;
    case 'finish':
      await generator.finish();
  }
}

process.on('message', (command: GeneratorCommand) => {
  execute(command).then(
    (isComplete) => {
      send({ type: 'done', command: command.type, isComplete });
      if (command.type !== 'finish') return;
      isFinished = true;
      process.disconnect();
    },
    (error: unknown) => {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      send({ type: 'failed', message });
    },
  );
});
