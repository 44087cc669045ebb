import { getsOf, type HttpWorkload } from '../harness/http/http-workload.ts';

/** Scrapers of metrics, many more than anybody has. */
export const httpMetrics: HttpWorkload = {
  name: 'http-metrics',
  doc: 'GETs of /metrics, as fast as they are answered, by 10 connections.',
  port: 'metrics',
  asks: getsOf('/metrics'),
  connections: 10,
  rate: null,
  durationS: 10,
  warmupS: 2,
};
