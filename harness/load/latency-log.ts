import { closeSync, openSync, writeSync } from 'node:fs';
import { HistogramLogWriter } from 'hdr-histogram-js';
import { opKindName } from '../history/op.ts';
import type { IntervalReport } from './generator-messages.ts';
import { LatencyHistogram } from './latency-histogram.ts';

/** Of the "max" column, which is in ms where the histograms are in ns. */
const MAX_UNIT_NS = 1e6;

/**
 * `latency.hlog`: response times by second, in HdrHistogram's log format 1.3, each line tagged `phase.operation`.
 * HdrHistogram's own tools read and merge it; values are in ns, the times of a line in seconds since the run's
 * start.
 */
export class LatencyLog {
  readonly #fd: number;
  readonly #writer: HistogramLogWriter;

  /** @param startMs wall clock at the run's start. @throws if the file cannot be made. */
  constructor(path: string, startMs: number) {
    this.#fd = openSync(path, 'w');
    this.#writer = new HistogramLogWriter((text) => writeSync(this.#fd, text));
    this.#writer.outputComment('[Response times in ns by stampede; tags are phase.operation]');
    this.#writer.outputLogFormatVersion();
    this.#writer.outputStartTime(startMs);
    this.#writer.outputLegend();
  }

  write(interval: IntervalReport): void {
    for (const { kind, response } of interval.histograms) {
      const histogram = LatencyHistogram.decode(response);
      histogram.raw.tag = `${interval.phase}.${opKindName(kind)}`;
      this.#writer.outputIntervalHistogram(
        histogram.raw,
        interval.startNs / 1e9,
        interval.endNs / 1e9,
        MAX_UNIT_NS,
      );
      histogram.destroy();
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
