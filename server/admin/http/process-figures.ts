import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { ServerStats } from '../server-stats.ts';
import type { ProcessFigure } from './prometheus-text.ts';

const EVENT_LOOP_RESOLUTION_MS = 10;
const QUANTILES = [0.5, 0.9, 0.99, 1] as const;

/**
 * What dashboards for Apache ask of a JVM, of this process, by the same names where they fit: memory, CPU, pauses. Pauses
 * are the collector's, which `stats` sums up as `jvm_pause_time_ms`.
 */
export class ProcessFigures {
  readonly #startedAtS = Date.now() / 1000 - process.uptime();
  readonly #delay = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS });
  readonly #collections: PerformanceObserver;

  constructor(stats: ServerStats) {
    const pauses = stats.summary('jvm_pause_time_ms', { percentiles: true });
    this.#collections = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) pauses.add(Math.round(duration));
    });
    this.#collections.observe({ entryTypes: ['gc'] });
    this.#delay.enable();
  }

  now(): ProcessFigure[] {
    const memory = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const delays = QUANTILES.map((quantile) => ({
      name: 'nodejs_eventloop_delay_seconds',
      type: 'gauge' as const,
      labels: `quantile="${quantile}",`,
      value: (quantile === 1 ? this.#delay.max : this.#delay.percentile(100 * quantile)) / 1e9,
    }));
    this.#delay.reset();
    return [
      { name: 'process_cpu_seconds_total', type: 'counter', value: (user + system) / 1e6 },
      { name: 'process_start_time_seconds', type: 'gauge', value: this.#startedAtS },
      { name: 'process_resident_memory_bytes', type: 'gauge', value: memory.rss },
      gaugeOf('jvm_memory_bytes_used', 'heap', memory.heapUsed),
      gaugeOf('jvm_memory_bytes_used', 'nonheap', memory.external),
      gaugeOf('jvm_memory_bytes_committed', 'heap', memory.heapTotal),
      gaugeOf('jvm_memory_bytes_max', 'heap', getHeapStatistics().heap_size_limit),
      ...delays.filter(({ value }) => Number.isFinite(value)),
    ];
  }

  stop(): void {
    this.#collections.disconnect();
    this.#delay.disable();
  }
}

function gaugeOf(name: string, area: string, value: number): ProcessFigure {
  return { name, type: 'gauge', labels: `area="${area}",`, value };
}
