import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { formatAddress } from './addresses.ts';
import { createHttpApi, TOXIPROXY_VERSION } from './http-api.ts';
import { OptionsError, parseOptions, type ToxiproxyOptions } from './options.ts';
import { Registry } from './registry.ts';
import { readProxies } from './requests.ts';

const USAGE = `Toxiproxy's API and toxics, in a process of its own, which ends when its standard input does.

  --host HOST          where the API listens (localhost)
  --port PORT          0 for any that is free (8474)
  --seed N             all that is left to chance (1)
  --config FILE        proxies to begin with, as JSON
  --stock              exactly Toxiproxy ${TOXIPROXY_VERSION}: no extensions, and no redialling
  --redial-limit MS    how long a client is kept whose upstream refuses (60000; 0: not at all)
`;

/** How soon a refused dial is tried again: soon enough that nobody's recovery is measured as ours. */
const REDIAL_EVERY_MS = 5;

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(error instanceof OptionsError ? `${message}\n\n${USAGE}` : `${message}\n`);
  process.exit(error instanceof OptionsError ? 2 : 1);
}

/** Resolves when the API listens, and has said so. */
async function main(options: ToxiproxyOptions): Promise<void> {
  // First of all: whoever started this may be gone before it is ready.
  process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0));
  process.stdin.resume();
  const { host, port, seed, config, isStock, redialLimitMs } = options;
  const redial = { everyMs: REDIAL_EVERY_MS, limitMs: redialLimitMs };
  const registry = new Registry({ seed, isStock, redial });
  if (config !== null) {
    const { error } = await registry.populate(readProxies(readFileSync(config, 'utf8')));
    if (error !== null) throw error;
  }
  const api = createHttpApi(registry);
  await new Promise<void>((resolve, reject) => {
    api.once('error', reject);
    api.listen({ host, port }, resolve);
  });
  const address = formatAddress(api.address() as AddressInfo);
  process.stdout.write(`${JSON.stringify({ address, seed, stock: isStock })}\n`);
}
