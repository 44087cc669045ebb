import type { Report, ReportTarget, ReportWorkload } from '../../harness/history/report-schema.ts';
import type { Environment } from '../../harness/history/run-file.ts';
import { formatBytes, formatCount, formatRate, formatStart, formatYesNo, NONE } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { definitions, table, words } from '../table.ts';
import type { Section } from './section.ts';

/** Everything needed to run it again: the command, the seed, the workload, the servers and the machine. */
export function setupSection(report: Report): Section {
  const { identity, workload, target, environment } = report;
  return {
    id: 'setup',
    title: 'How it was run',
    body: html`<pre class="command" tabindex="0">${identity.command}</pre>
      ${definitions([
        ['Run', identity.runId],
        ['Seed', identity.seed === null ? NONE : String(identity.seed)],
        ['Started', formatStart(identity.startedAt)],
        ['Stampede', identity.toolVersion],
      ])}
      ${workload === null ? null : workloadPart(workload)} ${target === null ? null : targetPart(target)}
      ${environment === null ? null : environmentPart(environment)}`,
  };
}

function workloadPart(workload: ReportWorkload): Html {
  const mix = workload.mix.map(({ op, weight }) => `${op} ${weight}`).join(', ');
  return html`<h3>Workload</h3>
    ${workload.description === null ? null : html`<p class="lede">${workload.description}</p>`}
    ${definitions([
      ['Name', workload.name],
      ['Loop', workload.loop ?? NONE],
      ['Rate', workload.ratePerSecond === null ? NONE : `${formatRate(workload.ratePerSecond)} ops/s`],
      ['Connections', formatCount(workload.connections)],
      ['In flight, each', formatCount(workload.inFlightMax)],
      ['Keys', formatCount(workload.keys)],
      ['Value', formatBytes(workload.valueBytes)],
      ['Mix (weights)', mix === '' ? NONE : mix],
      ...Object.entries(workload.parameters).map(([name, value]) => [name, String(value)] as const),
    ])} `;
}

function targetPart(target: ReportTarget): Html {
  const config = Object.entries(target.config);
  return html`<h3>Servers</h3>
    ${definitions([
      ['Ensemble', target.ensemble],
      ['Version', target.version ?? NONE],
      ['Flush before acknowledging', formatYesNo(target.flushesBeforeAck)],
    ])}
    ${
      target.servers.length === 0
        ? null
        : table({
            caption: 'Servers when load began',
            columns: [words('Server'), words('Address'), words('Role'), words('Version')],
            rows: target.servers.map((server) => [
              server.serverId ?? NONE,
              server.address,
              server.role ?? NONE,
              server.version ?? NONE,
            ]),
          })
    }
    ${
      config.length === 0
        ? null
        : html`<h3>Configuration</h3>
            <pre tabindex="0">${config.map(([key, value]) => `${key}=${value}`).join('\n')}</pre>`
    } `;
}

function environmentPart(environment: Environment): Html {
  return html`<h3>Machine</h3>
    ${definitions(environmentEntries(environment))} `;
}

export function environmentEntries(environment: Environment): (readonly [string, string])[] {
  const { cpu, disk, git } = environment;
  return [
    ['CPU', cpu.model],
    ['Logical CPUs', formatCount(cpu.logical)],
    ['Memory', formatBytes(environment.memoryBytes)],
    ['Platform', `${environment.platform} ${environment.arch}`],
    ['Kernel', environment.kernel],
    ['File system of the run', disk?.type ?? NONE],
    ['Free on it', formatBytes(disk?.freeBytes ?? null)],
    ['Node', environment.node],
    ['Commit', git === null ? NONE : `${git.revision.slice(0, 12)}${git.isDirty ? ', with changes' : ''}`],
  ];
}
