import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeFile, type DiskScript, openFile, runScript, writeFile } from '../storage/disk-script.ts';
import { NodeDisk } from './node-disk.ts';

/**
 * What a durable write of a log costs through the page cache and past it, in rounds that alternate: the time until it is
 * answered, and the processor time of this process meanwhile, most of which is the kernel's. The files stay until the
 * end, as logs do: memory that the cache has only just given back costs it less.
 * `node dist/server/net/durable-write.bench.js [directory]`
 */
const directory = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'durable-write-'));
const SIZES = [1 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20];
const ROUNDS = 6;
const BYTES_PER_ROUND = 64 << 20;
const WRITES_MAX = 400;
const DISKS = { cached: new NodeDisk({ isDirect: false }), direct: new NodeDisk() } as const;

interface Figure {
  readonly us: number;
  readonly cpuUs: number;
}

function* append(file: string, size: number, count: number): DiskScript<Figure> {
  const bytes = new Uint8Array(size).fill(1);
  yield* closeFile(yield* openFile(file, 'create'));
  const opened = yield* openFile(file, 'durable');
  const started = performance.now();
  const cpu = process.cpuUsage();
  for (let i = 0; i < count; i++) yield* writeFile(opened, [bytes], i * size);
  const us = ((performance.now() - started) * 1000) / count;
  const { user, system } = process.cpuUsage(cpu);
  yield* closeFile(opened);
  return { us, cpuUs: (user + system) / count };
}

function run(disk: NodeDisk, script: DiskScript<Figure>): Promise<Figure> {
  return new Promise((resolve, reject) => {
    runScript(disk, script, (error, figure) => (error === null ? resolve(figure as Figure) : reject(error)));
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

try {
  for (const size of SIZES) {
    const count = Math.min(WRITES_MAX, Math.floor(BYTES_PER_ROUND / size));
    const figures: Record<keyof typeof DISKS, Figure[]> = { cached: [], direct: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of ['cached', 'direct'] as const) {
        figures[name].push(
          await run(DISKS[name], append(join(directory, `${name}-${size}-${round}`), size, count)),
        );
      }
    }
    const words = (['cached', 'direct'] as const).map((name) => {
      const us = median(figures[name].map((figure) => figure.us));
      const cpuUs = median(figures[name].map((figure) => figure.cpuUs));
      return `${name} ${us.toFixed(0).padStart(5)} us, cpu ${cpuUs.toFixed(0).padStart(4)} us`;
    });
    console.log(`append ${String(size >> 10).padStart(4)} KiB: ${words.join('; ')}`);
  }
} finally {
  rmSync(directory, { recursive: true });
}
