import type { HttpWorkload } from '../harness/http/http-workload.ts';
import type { Workload } from '../harness/load/workload.ts';
import { WorkloadError } from '../harness/load/workload.ts';
import { createDelete } from './create-delete.ts';
import { httpAdmin } from './http-admin.ts';
import { httpMetrics } from './http-metrics.ts';
import { httpZnodes } from './http-znodes.ts';
import { loadWorkloadFile } from './load-workload-file.ts';
import { mixed } from './mixed.ts';
import { readHeavy } from './read-heavy.ts';
import { writeHeavy } from './write-heavy.ts';

/** Those that ask the servers' ports for operators, by name. */
export const HTTP_WORKLOADS: ReadonlyMap<string, HttpWorkload> = new Map(
  [httpAdmin, httpMetrics, httpZnodes].map((workload) => [workload.name, workload]),
);

/** The workloads that come with the program, by name. */
export const WORKLOADS: ReadonlyMap<string, Workload> = new Map(
  [writeHeavy, readHeavy, mixed, createDelete].map((workload) => [workload.name, workload]),
);

/**
 * A workload by its name, or from a file if the name ends like one (`.yaml`, `.yml`, `.json`).
 * @throws WorkloadError naming what there is to choose from.
 */
export function findWorkload(nameOrFile: string): Workload {
  if (/\.(ya?ml|json)$/.test(nameOrFile)) return loadWorkloadFile(nameOrFile);
  const workload = WORKLOADS.get(nameOrFile);
  if (workload !== undefined) return workload;
  throw new WorkloadError(
    `There is no workload "${nameOrFile}". Choose one of ${[...WORKLOADS.keys(), ...HTTP_WORKLOADS.keys()].join(', ')}, ` +
      'or give a file that ends in .yaml',
  );
}
