import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { readServerConfig } from '../server/config-file.ts';

// No cluster is asked: what is looked at is whether the manifests agree with themselves, the images and the harness.
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const text = z.string();
const labels = z.record(text, text);
const port = z.strictObject({
  name: text,
  port: z.int().optional(),
  containerPort: z.int().optional(),
  targetPort: text.optional(),
});
const container = z.object({
  name: text,
  image: text,
  command: z.array(text).optional(),
  args: z.array(text).optional(),
  env: z.array(z.strictObject({ name: text, value: text })).default([]),
  ports: z.array(port).default([]),
  readinessProbe: z.object({ exec: z.object({ command: z.array(text) }) }).optional(),
  livenessProbe: z.object({ tcpSocket: z.object({ port: text }) }).optional(),
  resources: z.object({ requests: z.object({ cpu: text, memory: text }) }),
  securityContext: z.object({ allowPrivilegeEscalation: z.literal(false) }),
  volumeMounts: z.array(z.strictObject({ name: text, mountPath: text })),
});
const pod = z.object({
  metadata: z.object({ labels }),
  spec: z.object({
    securityContext: z.object({ runAsNonRoot: z.literal(true) }),
    containers: z.tuple([container]),
    volumes: z.array(z.object({ name: text })).default([]),
  }),
});
const metadata = z.object({ name: text });
const manifest = z.discriminatedUnion('kind', [
  z.object({
    apiVersion: z.literal('v1'),
    kind: z.literal('Service'),
    metadata,
    spec: z.object({ clusterIP: text.optional(), selector: labels, ports: z.array(port) }),
  }),
  z.object({
    apiVersion: z.literal('policy/v1'),
    kind: z.literal('PodDisruptionBudget'),
    metadata,
    spec: z.object({ maxUnavailable: z.int(), selector: z.object({ matchLabels: labels }) }),
  }),
  z.object({
    apiVersion: z.literal('apps/v1'),
    kind: z.literal('StatefulSet'),
    metadata,
    spec: z.object({
      serviceName: text,
      replicas: z.int(),
      selector: z.object({ matchLabels: labels }),
      template: pod,
      volumeClaimTemplates: z.array(z.object({ metadata })),
    }),
  }),
  z.object({
    apiVersion: z.literal('batch/v1'),
    kind: z.literal('Job'),
    metadata,
    spec: z.object({ backoffLimit: z.int(), template: pod }),
  }),
]);
type Manifest = z.output<typeof manifest>;

function manifestsIn(file: string): Manifest[] {
  const documents = parseAllDocuments(readFileSync(join(ROOT, 'deploy/kubernetes', file), 'utf8'));
  return documents.map((document) => manifest.parse(document.toJS()));
}

const all = [...manifestsIn('stampede.yaml'), ...manifestsIn('bench.yaml')];
const ofKind = <K extends Manifest['kind']>(kind: K): Extract<Manifest, { kind: K }>[] =>
  all.filter((one): one is Extract<Manifest, { kind: K }> => one.kind === kind);
const [set] = ofKind('StatefulSet');
const [job] = ofKind('Job');
if (set === undefined || job === undefined) throw new Error('a StatefulSet and a Job');
const [server] = set.spec.template.spec.containers;
const environment = Object.fromEntries(server.env.map(({ name, value }) => [name, value]));

await t.test('selectors select the servers, and ports that are named are theirs', async (t) => {
  const own = set.spec.template.metadata.labels;
  t.match(own, set.spec.selector.matchLabels);
  for (const {
    metadata: { name },
    spec,
  } of ofKind('Service')) {
    t.match(own, spec.selector, name);
    for (const { name: wanted } of spec.ports)
      t.ok(
        server.ports.some(({ name }) => name === wanted),
        `${name}: ${wanted}`,
      );
  }
  const headless = ofKind('Service').find(({ metadata }) => metadata.name === set.spec.serviceName);
  t.equal(headless?.spec.clusterIP, 'None');
  for (const { spec } of ofKind('PodDisruptionBudget')) {
    t.match(own, spec.selector.matchLabels);
    t.ok(set.spec.replicas - spec.maxUnavailable > set.spec.replicas / 2, 'a quorum stays');
  }
});

await t.test('every volume that is mounted is there', async (t) => {
  const there = [
    ...set.spec.template.spec.volumes.map(({ name }) => name),
    ...set.spec.volumeClaimTemplates.map(({ metadata }) => metadata.name),
  ];
  t.same(new Set(server.volumeMounts.map(({ name }) => name)), new Set(there));
});

await t.test(
  'each pod configures itself as a server of the ensemble, by the entrypoint of the image',
  async (t) => {
    for (let ordinal = 0; ordinal < set.spec.replicas; ordinal++) {
      const directory = t.testdir({ conf: {}, data: {}, datalog: {} });
      const own = {
        ZOO_CONF_DIR: join(directory, 'conf'),
        ZOO_DATA_DIR: join(directory, 'data'),
        ZOO_DATA_LOG_DIR: join(directory, 'datalog'),
      };
      const hostname = `${set.metadata.name}-${ordinal}`;
      const [shell = '', flag = '', script = ''] = server.command ?? [];
      // What it would start is not what this is about.
      const { status, stderr } = spawnSync(
        shell,
        [flag, script.replace('entrypoint.sh', 'entrypoint.sh true')],
        {
          cwd: ROOT,
          env: { PATH: process.env['PATH'], HOSTNAME: hostname, ...environment, ...own },
          encoding: 'utf8',
        },
      );
      t.equal(status, 0, stderr);
      const config = readServerConfig(join(own.ZOO_CONF_DIR, 'zoo.cfg'), { cwd: '/' });
      t.same([config.warnings, config.notImplemented], [[], []]);
      t.equal(config.ensemble?.myId, ordinal + 1);
      t.equal(config.ensemble?.self.quorum.host, `${hostname}.${set.spec.serviceName}`);
      t.equal(config.ensemble?.quorumListenOnAllIPs, true);
      t.equal(config.ensemble?.membership.members.size, set.spec.replicas);
      const ports = Object.fromEntries(server.ports.map(({ name, containerPort }) => [name, containerPort]));
      const { quorum, election } = config.ensemble?.self ?? {};
      t.match(ports, {
        client: config.clientPort,
        quorum: quorum?.port,
        election: election?.port,
        metrics: config.operators.metrics?.port,
      });
    }
  },
);

await t.test('probes and the bench ask for what is there', async (t) => {
  const [, file = '', port] = server.readinessProbe?.exec.command ?? [];
  t.ok(existsSync(join(ROOT, file)), file);
  t.equal(Number(port), server.ports.find(({ name }) => name === 'client')?.containerPort);
  t.ok(server.ports.some(({ name }) => name === server.livenessProbe?.tcpSocket.port));
  const [bench] = job.spec.template.spec.containers;
  const target = bench.args?.find((word) => word.startsWith('--target='))?.slice('--target='.length) ?? '';
  t.same(
    target.split(','),
    Array.from(
      { length: set.spec.replicas },
      (_, i) => `${set.metadata.name}-${i}.${set.spec.serviceName}:2181`,
    ),
  );
});
