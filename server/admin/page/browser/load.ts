import { type Answer, numberIn } from './admin-api.ts';
import { setText } from './dom.ts';
import { formatBytes, formatDuration, formatMs, formatNumber } from './format.ts';
import { LineChart } from './line-chart.ts';
import { ratesBetween } from './rates.ts';

/** What the server does: figures of the command `monitor`, and what became of them since the last look. */
export class LoadSection {
  readonly #throughput = new LineChart('chart-throughput', { unit: '/s', names: ['reads', 'writes'] });
  readonly #latency = new LineChart('chart-latency', { unit: 'ms', names: ['reads', 'writes', 'flushes'] });
  #last: { readonly figures: Answer; readonly atMs: number } | null = null;

  show(figures: Answer, atMs: number): void {
    setText('figure-uptime', formatDuration(numberIn(figures, 'uptime')));
    setText('figure-connections', formatNumber(numberIn(figures, 'num_alive_connections')));
    setText('figure-sessions', formatNumber(numberIn(figures, 'global_sessions')));
    setText('figure-outstanding', formatNumber(numberIn(figures, 'outstanding_requests')));
    setText('figure-znodes', formatNumber(numberIn(figures, 'znode_count')));
    setText('figure-ephemerals', formatNumber(numberIn(figures, 'ephemerals_count')));
    setText('figure-watches', formatNumber(numberIn(figures, 'watch_count')));
    setText('figure-data', formatBytes(numberIn(figures, 'approximate_data_size')));
    setText('figure-followers', followersIn(figures));
    this.#showRates(figures, atMs);
  }

  #showRates(figures: Answer, atMs: number): void {
    const last = this.#last;
    this.#last = { figures, atMs };
    const rates = last === null ? null : ratesBetween(last.figures, figures, atMs - last.atMs);
    if (rates === null) return;
    setText('rate-reads', `${formatNumber(rates.readsPerS)} /s`);
    setText('rate-writes', `${formatNumber(rates.writesPerS)} /s`);
    setText('latency-reads', formatMs(rates.readMs));
    setText('latency-writes', formatMs(rates.writeMs));
    setText('latency-flushes', formatMs(rates.flushMs));
    this.#throughput.add([rates.readsPerS, rates.writesPerS]);
    this.#latency.add([rates.readMs, rates.writeMs, rates.flushMs]);
  }

  /** While nothing is known the lines have a gap, and nothing is reckoned across it. */
  pause(): void {
    if (this.#last === null) return;
    this.#last = null;
    this.#throughput.add([null, null]);
    this.#latency.add([null, null, null]);
  }
}

/** Only a leader knows who follows. */
function followersIn(figures: Answer): string {
  const synced = figures['synced_followers'];
  if (synced === undefined) return '–';
  return `${numberIn(figures, 'synced_followers')} of ${numberIn(figures, 'quorum_size') - 1}`;
}
