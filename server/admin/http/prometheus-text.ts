import { monitorFigures } from '../monitor.ts';
import type { ServerView } from '../server-view.ts';
import type { Summary } from '../summary.ts';

/** The exposition format, version 0.0.4. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** As Apache's provider exports what it calls ADVANCED, up to 3.9, and 0.95, which 3.10 has. */
const QUANTILES = [0.5, 0.9, 0.95, 0.99] as const;

/** What the process is, beside the server in it. */
export interface ProcessFigure {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly value: number;
  /** `area="heap"`; none unless given. */
  readonly labels?: string;
}

/**
 * `/metrics`: gauges and counters of `mntr` under their names without `zk_`, summaries as such (protocol §6.3). While
 * there is no database to ask, only what is known without one, so that an alert on `quorum_size` or `uptime` sees it.
 */
export function prometheusText(view: ServerView, ofProcess: readonly ProcessFigure[]): string {
  const lines: string[] = [];
  for (const { name, value, type } of [...monitorFigures(view), ...ofProcess.filter(isWithoutLabels)])
    lines.push(`# HELP ${name} ${name}`, `# TYPE ${name} ${type}`, `${name} ${value}`);
  for (const [name, figures] of byName(ofProcess)) {
    const [first] = figures;
    lines.push(`# HELP ${name} ${name}`, `# TYPE ${name} ${first?.type ?? 'gauge'}`);
    for (const { labels, value } of figures) lines.push(`${name}{${labels ?? ''}} ${value}`);
  }
  for (const [name, summary] of view.stats.summaries) lines.push(...summaryLines(name, summary));
  return `${lines.join('\n')}\n`;
}

function summaryLines(name: string, summary: Summary): string[] {
  const quantiles = summary.hasPercentiles
    ? QUANTILES.map((quantile) => `${name}{quantile="${quantile}",} ${summary.percentile(quantile)}`)
    : [];
  return [
    `# HELP ${name} ${name}`,
    `# TYPE ${name} summary`,
    ...quantiles,
    `${name}_count ${summary.count}`,
    `${name}_sum ${summary.sum}`,
  ];
}

function isWithoutLabels({ labels }: ProcessFigure): boolean {
  return labels === undefined;
}

/** Of those with labels: lines of one name stand together. */
function byName(figures: readonly ProcessFigure[]): ReadonlyMap<string, readonly ProcessFigure[]> {
  const groups = new Map<string, ProcessFigure[]>();
  for (const figure of figures) {
    if (isWithoutLabels(figure)) continue;
    const group = groups.get(figure.name);
    if (group === undefined) groups.set(figure.name, [figure]);
    else group.push(figure);
  }
  return groups;
}
