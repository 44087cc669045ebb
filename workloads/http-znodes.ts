import type { HttpWorkload } from '../harness/http/http-workload.ts';

const NAME = 'stampede-http-znodes';
const PATH = `/znodes/v1/${NAME}`;
const VALUE = 'x'.repeat(1024);

/** What `curl` and languages without a client do: mostly they read. Outside of what other workloads verify. */
export const httpZnodes: HttpWorkload = {
  name: 'http-znodes',
  doc: 'Znodes by REST: 8 reads of 1 KiB, a listing and a write in turn, as fast as they are answered, by 10 connections.',
  port: 'admin',
  config: { 'stampede.rest.enabled': 'true' },
  prepare: { method: 'POST', path: `/znodes/v1/?op=create&name=${NAME}`, body: VALUE },
  asks: [
    ...Array.from({ length: 8 }, () => ({ method: 'GET' as const, path: PATH })),
    { method: 'GET', path: '/znodes/v1/?view=children' },
    { method: 'PUT', path: PATH, body: VALUE },
  ],
  connections: 10,
  rate: null,
  durationS: 10,
  warmupS: 2,
};
