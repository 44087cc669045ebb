import t, { type Test } from 'tap';
import { Client } from '../../../harness/client/client.ts';
import { freePorts } from '../../../harness/ensemble/free-ports.ts';
import { type Opened, type OpenOptions, TestBrowser, untilShown } from '../../../reports/testdata/browser.ts';
import { pageFacts } from '../../../reports/testdata/page-probe.ts';
import type { RunningServer } from '../../server.ts';
import { startLogged } from '../testing/logged-server.ts';
import {
  focused,
  linesDrawn,
  poorContrasts,
  textsOf,
  usable,
  whatGetsIn,
} from './browser/testing/page-probe.ts';

const WIDTH_NARROW = 400;

const browser = await TestBrowser.open();
const { skip } = browser;
t.teardown(() => browser.close());

interface Served {
  readonly server: RunningServer;
  /** Of the AdminServer. */
  readonly origin: string;
  readonly show: (options?: OpenOptions) => Promise<Opened>;
  readonly connect: () => Promise<Client>;
}

async function serve(t: Test, lines: readonly string[] = []): Promise<Served> {
  const { server, urlOf } = await startLogged(t.testdir({}), [
    'admin.enableServer=true',
    'admin.serverPort=0',
    ...lines,
  ]);
  t.teardown(() => server.stop());
  const origin = urlOf('AdminServer');
  return {
    server,
    origin,
    show: async (options) => {
      const opened = await browser.visit(`${origin}/`, options);
      t.teardown(() => opened.page.close());
      return opened;
    },
    connect: async () => {
      const client = await Client.connect({
        connectString: `127.0.0.1:${server.clientPort}`,
        sessionTimeoutMs: 10_000,
      });
      t.teardown(() => client.close());
      return client;
    },
  };
}

await t.test('the page is one answer: what it shows are the server’s own figures', { skip }, async (t) => {
  const { origin, show, connect } = await serve(t);
  const client = await connect();
  await client.create('/a', Buffer.from('x'));
  await client.exists('/a', () => undefined);
  const { page, requests, troubles } = await show();
  await untilShown(page, 'status', /live/);
  await untilShown(page, 'figure-znodes', /\d/);
  const monitor = (await (await fetch(`${origin}/commands/monitor`)).json()) as Record<string, number>;
  t.same(
    await page.evaluate(textsOf, [
      'figure-znodes',
      'figure-connections',
      'figure-sessions',
      'figure-watches',
      'role',
      'who',
    ]),
    [
      monitor['znode_count'],
      monitor['num_alive_connections'],
      monitor['global_sessions'],
      monitor['watch_count'],
      'STANDALONE',
      'Stand-alone server',
    ].map(String),
  );
  t.match(await page.evaluate(textsOf, ['version', 'figure-zxid']), [/3\.9\.5-stampede/, '0x2']);
  t.same(
    [...new Set(requests)].sort(),
    [`${origin}/`, `${origin}/commands/monitor`, `${origin}/commands/overview`],
    'nothing is asked of anybody else',
  );
  t.same(troubles, []);
});

await t.test('rates and latencies are drawn as they come', { skip }, async (t) => {
  const { show, connect } = await serve(t);
  const client = await connect();
  await client.create('/a', Buffer.from('x'));
  const { page, troubles } = await show();
  const time = { isOver: false };
  const load = (async (): Promise<void> => {
    while (!time.isOver) {
      await client.setData('/a', Buffer.from('y'));
      await client.getData('/a');
    }
  })();
  await page.waitForFunction(
    () => (document.querySelector('#chart-latency path')?.getAttribute('d') ?? '').split('L').length > 2,
  );
  time.isOver = true;
  await load;
  t.match(await page.evaluate(textsOf, ['rate-reads', 'rate-writes', 'latency-writes']), [
    /^[1-9][\d,.]* \/s$/,
    /^[1-9][\d,.]* \/s$/,
    /^\d+\.\d\d ms$/,
  ]);
  t.same(await page.evaluate(linesDrawn), {
    'chart-throughput': { lines: 2, colours: 2 },
    'chart-latency': { lines: 3, colours: 3 },
  });
  t.same(troubles, []);
});

await t.test(
  'everything can be used from the keyboard, and is seen to have the focus',
  { skip },
  async (t) => {
    const { show, connect } = await serve(t);
    const client = await connect();
    await client.create('/watched', Buffer.from(''));
    await client.exists('/watched', () => undefined);
    const session = `0x${BigInt.asUintN(64, client.session?.id ?? 0n).toString(16)}`;
    const { page, troubles } = await show();
    await untilShown(page, 'members', /stands alone/);
    const tabTo = async (name: string): Promise<void> => {
      for (let left = 50; (await page.evaluate(focused)).name !== name; left--) {
        if (left === 0) throw new Error(`no Tab leads to ${name}`);
        await page.keyboard.press('Tab');
      }
    };
    await tabTo('sessions-ask');
    await page.keyboard.press('Enter');
    await untilShown(page, 'sessions-list', new RegExp(`127\\.0\\.0\\.1:\\d+\\s+${session}`));
    await tabTo('watches-ask');
    await page.keyboard.press('Space');
    await untilShown(page, 'watches-list', new RegExp(`/watched\\s+${session}`));

    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.reload();
    await page.click('#sessions-ask');
    await untilShown(page, 'sessions-list', /1 connection/);
    await page.evaluate(() => scrollTo(0, 0));
    const expected = await page.evaluate(usable);
    const reached = new Set<string>();
    for (let steps = 0; steps < expected.length + 2; steps++) {
      await page.keyboard.press('Tab');
      const { name, isSeen } = await page.evaluate(focused);
      if (name !== 'BODY') t.ok(isSeen, `${name} has an outline`);
      reached.add(name);
    }
    t.same(
      expected.filter((name) => !reached.has(name)),
      [],
    );
    t.same((await page.evaluate(pageFacts)).poorTables, []);
    t.same(troubles, []);
  },
);

await t.test('it is read in light and in dark, and on 400 px', { skip }, async (t) => {
  const { show, connect } = await serve(t);
  await connect();
  const papers = new Set<string>();
  for (const scheme of ['light', 'dark'] as const) {
    const { page, troubles } = await show({ scheme, width: WIDTH_NARROW });
    await page.click('#sessions-ask');
    await page.click('#watches-ask');
    await untilShown(page, 'sessions-list', /1 connection/);
    await untilShown(page, 'watches-list', /Nothing is watched/);
    await untilShown(page, 'figure-znodes', /\d/);
    t.same(await page.evaluate(poorContrasts), []);
    const facts = await page.evaluate(pageFacts);
    t.equal(facts.widthPx, WIDTH_NARROW);
    papers.add(facts.paper);
    await page.click('#theme');
    papers.add((await page.evaluate(pageFacts)).paper);
    t.same(troubles, []);
  }
  t.equal(papers.size, 2, 'the button overrules the system');
});

await t.test('of an ensemble it shows who leads and who else belongs to it', { skip }, async (t) => {
  const [quorum, election, other, otherElection] = await freePorts(4);
  const { show } = await serve(t, [
    'initLimit=5',
    'syncLimit=2',
    'standaloneEnabled=false',
    `server.1=127.0.0.1:${quorum}:${election}`,
    `server.2=127.0.0.1:${other}:${otherElection}:observer;2181`,
  ]);
  const { page, troubles } = await show({ width: WIDTH_NARROW });
  await untilShown(page, 'role', /LEADER/);
  await untilShown(page, 'members', /1 \(this one\)\s+leader[\s\S]*2\s+observer[\s\S]*:2181/);
  await untilShown(page, 'figure-followers', /0 of 0/);
  t.equal((await page.evaluate(pageFacts)).widthPx, WIDTH_NARROW);
  t.equal(await page.title(), 'Server 1 · Stampede');
  t.same(troubles, []);
});

await t.test('who serves nobody is shown to, and who is gone is said to be', { skip }, async (t) => {
  const [quorum, election, other, otherElection, third, thirdElection] = await freePorts(6);
  const { show, server } = await serve(t, [
    'initLimit=5',
    'syncLimit=2',
    `server.1=127.0.0.1:${quorum}:${election}`,
    `server.2=127.0.0.1:${other}:${otherElection}`,
    `server.3=127.0.0.1:${third}:${thirdElection}`,
  ]);
  const { page } = await show();
  await untilShown(page, 'role', /NOT SERVING/);
  await untilShown(page, 'members', /unknown, no leader/);
  await untilShown(page, 'status', /live/);
  await server.stop();
  await untilShown(page, 'status', /no answer/);
});

await t.test(
  'the policy of the page lets nothing else run or load, and no frame hold it',
  { skip },
  async (t) => {
    const { origin, show } = await serve(t);
    const policy = (await fetch(`${origin}/`)).headers.get('content-security-policy') ?? '';
    t.match(policy, "default-src 'none'");
    t.match(policy, "frame-ancestors 'none'");
    t.notMatch(policy, /unsafe|\*|https?:/);
    const { page } = await show();
    t.same(await page.evaluate(whatGetsIn), { script: 'TypeError', markup: 'TypeError', image: 'img-src' });
  },
);
