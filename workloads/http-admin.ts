import { getsOf, type HttpWorkload } from '../harness/http/http-workload.ts';

/** What monitoring asks of the AdminServer: who it is, how it is, whether it lives. */
export const httpAdmin: HttpWorkload = {
  name: 'http-admin',
  doc: 'GETs of AdminServer commands (ruok, stats, monitor), as fast as they are answered, by 10 connections.',
  port: 'admin',
  asks: getsOf('/commands/ruok', '/commands/stats', '/commands/monitor'),
  connections: 10,
  rate: null,
  durationS: 10,
  warmupS: 2,
};
