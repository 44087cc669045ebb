import type { LatencySummary } from '../history/report-schema.ts';
import type { LatencyHistogram } from './latency-histogram.ts';

/** What a report says of a histogram, in µs, and the histogram itself. */
export function summarizeLatency(histogram: LatencyHistogram): LatencySummary {
  const isEmpty = histogram.count === 0;
  const us = (ns: number): number | null => (isEmpty ? null : Math.round(ns) / 1e3);
  const percentileUs = (percent: number): number | null => us(histogram.percentile(percent));
  return {
    minUs: us(histogram.minNs),
    meanUs: us(histogram.meanNs),
    stddevUs: us(histogram.stddevNs),
    p025Us: percentileUs(2.5),
    p50Us: percentileUs(50),
    p90Us: percentileUs(90),
    p95Us: percentileUs(95),
    p975Us: percentileUs(97.5),
    p99Us: percentileUs(99),
    p999Us: percentileUs(99.9),
    p9999Us: percentileUs(99.99),
    maxUs: us(histogram.maxNs),
    hdrV2: isEmpty ? null : histogram.encode(),
    hdrUnit: 'ns',
  };
}
