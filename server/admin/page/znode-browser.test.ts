import { createHash } from 'node:crypto';
import type { Page } from 'puppeteer-core';
import t, { type Test } from 'tap';
import { Client } from '../../../harness/client/client.ts';
import { type Opened, type OpenOptions, TestBrowser, untilShown } from '../../../reports/testdata/browser.ts';
import { pageFacts } from '../../../reports/testdata/page-probe.ts';
import { startLogged } from '../testing/logged-server.ts';
import { poorContrasts, usable } from './browser/testing/page-probe.ts';

const WIDTH_NARROW = 400;
const PASSWORD = 'wonderland-741';
const HIDDEN = 'nobody-else-reads-this';
const HOSTILE = '<img src=x onerror=alert(1)>"\'&';
/** What Chromium itself writes when an answer is not 200. */
const REFUSED = /^console: Failed to load resource: the server responded with a status of (401|404|412) /;

const browser = await TestBrowser.open();
const { skip } = browser;
t.teardown(() => browser.close());

interface Served {
  readonly client: Client;
  readonly origin: string;
  readonly show: (options?: OpenOptions) => Promise<Opened>;
}

/** A server with some znodes, of which one is alice's alone. */
async function serve(t: Test, lines: readonly string[]): Promise<Served> {
  const { server, urlOf } = await startLogged(t.testdir({}), [
    'admin.enableServer=true',
    'admin.serverPort=0',
    ...lines,
  ]);
  t.teardown(() => server.stop());
  const client = await Client.connect({
    connectString: `127.0.0.1:${server.clientPort}`,
    sessionTimeoutMs: 10_000,
  });
  t.teardown(() => client.close());
  const digest = createHash('sha1').update(`alice:${PASSWORD}`).digest('base64');
  await client.create('/open', Buffer.from('for all – ü'));
  await client.create('/open/bytes', Buffer.from([0, 1, 0xff]));
  await client.create(`/open/${HOSTILE}`, Buffer.from(HOSTILE));
  await client.create('/closed', Buffer.from(HIDDEN), {
    acl: [{ perms: 31, scheme: 'digest', id: `alice:${digest}` }],
  });
  const origin = urlOf('AdminServer');
  return {
    client,
    origin,
    show: async (options) => {
      const opened = await browser.visit(`${origin}/`, options);
      t.teardown(() => opened.page.close());
      return opened;
    },
  };
}

async function open(page: Page, path: string): Promise<void> {
  await page.$eval('#path', (input, path) => ((input as HTMLInputElement).value = path), path);
  await page.focus('#path');
  await page.keyboard.press('Enter');
}

async function identify(page: Page, password: string): Promise<void> {
  await page.focus('#user');
  await page.keyboard.type('alice');
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await untilShown(page, 'whoami', /what alice may/);
}

await t.test(
  'where znodes are not served over HTTP the page has none, and says how to',
  { skip },
  async (t) => {
    const { origin, show } = await serve(t, []);
    const { page, troubles } = await show();
    await untilShown(page, 'znodes', /stampede\.rest\.enabled=true/);
    t.equal(await page.$('#place'), null);
    t.equal((await fetch(`${origin}/znodes/v1/open`)).status, 404);
    t.same(troubles, []);
  },
);

await t.test(
  'everybody sees what everybody may, and no content of what they may not',
  { skip },
  async (t) => {
    const { origin, show } = await serve(t, ['stampede.rest.enabled=true', 'stampede.page.writes=true']);
    const { page, requests, troubles } = await show({ width: WIDTH_NARROW });
    await open(page, '/');
    await untilShown(page, 'children', /3 children[\s\S]*closed[\s\S]*open[\s\S]*zookeeper/);
    await page.locator('::-p-text(open)').click();
    await open(page, '/open');
    await untilShown(page, 'znode-data', /^for all – ü$/);
    await untilShown(page, 'znode-stat', /version\s+0[\s\S]*numChildren\s+2/);
    await untilShown(page, 'children', /2 children/);
    t.notOk((await page.evaluate(usable)).includes('set'), 'nobody in particular is offered to write');
    t.equal((await page.evaluate(pageFacts)).images, 0, 'what a znode is called stays text');
    await page.focus('.child:last-child');
    await page.keyboard.press('Enter');
    await untilShown(page, 'znode-data', /00 01 ff/);
    await open(page, `/open/${HOSTILE}`);
    await untilShown(page, 'znode-data', /^<img src=x onerror/);
    t.equal((await page.evaluate(pageFacts)).images, 0);
    await page.click('#up');
    await untilShown(page, 'znode-status', /^\/open$/);

    await open(page, '/closed');
    await untilShown(page, 'znode-status', /^\/closed: /);
    t.equal(await page.$eval('#znode', (box) => (box as HTMLElement).innerText.trim()), '');
    t.notMatch(await page.content(), HIDDEN);
    const facts = await page.evaluate(pageFacts);
    t.equal(facts.widthPx, WIDTH_NARROW);
    t.same(facts.poorTables, []);
    t.same(await page.evaluate(poorContrasts), []);
    t.same(
      troubles.filter((trouble) => !REFUSED.test(trouble)),
      [],
    );
    t.same(
      requests.filter((url) => !url.startsWith(`${origin}/`)),
      [],
    );
  },
);

await t.test('who has the password sees more, and only then; it is kept nowhere', { skip }, async (t) => {
  const { show } = await serve(t, ['stampede.rest.enabled=true']);
  const { page } = await show();
  await open(page, '/closed');
  await untilShown(page, 'znode-status', /^\/closed: /);
  await identify(page, 'wrong');
  await untilShown(page, 'znode-status', /^\/closed: /);
  t.notMatch(await page.content(), HIDDEN);
  await page.click('#forget');
  await untilShown(page, 'whoami', /everybody/);
  await identify(page, PASSWORD);
  await untilShown(page, 'znode-data', new RegExp(HIDDEN));
  t.same(
    await page.evaluate(() => [
      (document.getElementById('password') as HTMLInputElement).value,
      localStorage.length + sessionStorage.length,
      document.cookie,
      location.href.includes('wonderland'),
      document.documentElement.outerHTML.includes('wonderland'),
    ]),
    ['', 0, '', false, false],
  );
  t.equal(await page.$('#editor'), null, 'writing is not offered unless the configuration says so');
  await page.click('#forget');
  await untilShown(page, 'znode-status', /^\/closed: /);
  t.notMatch(await page.content(), HIDDEN, 'and what was seen is gone');
});

await t.test('who may writes, and never over what another has written', { skip }, async (t) => {
  const { client, show } = await serve(t, ['stampede.rest.enabled=true', 'stampede.page.writes=true']);
  const { page, troubles } = await show();
  await open(page, '/closed');
  await untilShown(page, 'znode-status', /^\/closed: /);
  await identify(page, PASSWORD);
  await untilShown(page, 'znode-data', new RegExp(HIDDEN));
  await page.$eval('#edit', (input) => ((input as HTMLTextAreaElement).value = 'ü new'));
  await page.click('#set');
  await untilShown(page, 'znode-status', /^Set\. \/closed$/);
  await untilShown(page, 'znode-data', /^ü new$/);
  await page.type('#child', 'a?b#c');
  await page.click('#create');
  await untilShown(page, 'znode-status', /^Created a\?b#c\. \/closed$/);
  await untilShown(page, 'children', /a\?b#c/);
  t.same((await client.getData('/closed/a?b#c')).data, Buffer.from('ü new'));

  await open(page, '/open');
  await untilShown(page, 'znode-data', /^for all/);
  await client.setData('/open', Buffer.from('of another'));
  await page.click('#set');
  await untilShown(page, 'znode-status', /^\/open: .*version/);
  t.same((await client.getData('/open')).data, Buffer.from('of another'));

  await open(page, '/open/bytes');
  await untilShown(page, 'znode-data', /00 01 ff/);
  t.notOk(
    (await page.evaluate(usable)).includes('set'),
    'what is no text is not offered to be changed as such',
  );
  await page.click('#delete');
  await untilShown(page, 'znode-status', /^Deleted \/open\/bytes\. \/open$/);
  await t.rejects(client.getData('/open/bytes'), { message: /^NoNode/ });
  t.same(
    troubles.filter((trouble) => !REFUSED.test(trouble)),
    [],
  );
});
