import t from 'tap';
import type { Zxid } from '../base/zxid.ts';
import { WatchEventType, WatchManager, WatchMode, type Watcher } from './watch-manager.ts';

class Recorder implements Watcher {
  readonly events: string[] = [];
  readonly #name: string;
  readonly #all: string[];

  constructor(name: string, all: string[] = []) {
    this.#name = name;
    this.#all = all;
  }

  onWatchEvent(type: WatchEventType, path: string, zxid: Zxid): void {
    this.events.push(`${type} ${path} ${zxid}`);
    this.#all.push(this.#name);
  }
}

const ZXID = 7 as Zxid;
const CHANGED = WatchEventType.nodeDataChanged;

await t.test('a watch fires once, for its path alone', async (t) => {
  const watches = new WatchManager();
  const a = new Recorder('a');
  watches.add('/p', a);
  watches.add('/p', a);
  t.equal(watches.count, 1);
  t.equal(watches.trigger('/q', CHANGED, ZXID, 1), null);
  watches.trigger('/p', CHANGED, ZXID, 1);
  watches.trigger('/p', CHANGED, ZXID, 1);
  t.same(a.events, ['3 /p 7']);
  t.same([watches.count, watches.pathCount, watches.watcherCount], [0, 0, 0]);
});

await t.test('watchers of a path fire in the order in which they came', async (t) => {
  const watches = new WatchManager();
  const order: string[] = [];
  for (const name of ['c', 'a', 'b']) watches.add('/p', new Recorder(name, order));
  watches.trigger('/p', CHANGED, ZXID, 1);
  t.same(order, ['c', 'a', 'b']);
});

await t.test(
  'who was told by the other table is not told again, and his watch is gone all the same',
  async (t) => {
    const watches = new WatchManager();
    const told = new Recorder('told');
    const other = new Recorder('other');
    watches.add('/p', told);
    watches.add('/p', other);
    watches.trigger('/p', WatchEventType.nodeDeleted, ZXID, 1, new Set<Watcher>([told]));
    t.same(told.events, []);
    t.same(other.events, ['2 /p 7']);
    t.equal(watches.count, 0);
  },
);

await t.test('a watcher that goes takes its watches with it and nobody else’s (B58)', async (t) => {
  const watches = new WatchManager();
  const a = new Recorder('a');
  const b = new Recorder('b');
  for (const path of ['/p', '/q', '/r']) watches.add(path, a);
  watches.add('/q', b);
  watches.removeWatcher(a);
  watches.removeWatcher(a);
  t.same([watches.count, watches.pathCount, watches.watcherCount], [1, 1, 1]);
  for (const path of ['/p', '/q', '/r']) watches.trigger(path, CHANGED, ZXID, 1);
  t.same(a.events, []);
  t.same(b.events, ['3 /q 7']);
});

await t.test('the three counts stay right through any additions, firings and departures', async (t) => {
  const watches = new WatchManager();
  const watchers = Array.from({ length: 5 }, (_, i) => new Recorder(String(i)));
  const expected = new Set<string>();
  for (let i = 0; i < 2000; i++) {
    const who = (i * 7) % 5;
    const path = `/${(i * 13) % 11}`;
    if (i % 17 === 0) {
      watches.removeWatcher(watchers[who] as Recorder);
      for (const key of expected) if (key.startsWith(`${who} `)) expected.delete(key);
    } else if (i % 5 === 0) {
      watches.trigger(path, CHANGED, ZXID, 1);
      for (const key of expected) if (key.endsWith(` ${path}`)) expected.delete(key);
    } else {
      watches.add(path, watchers[who] as Recorder);
      expected.add(`${who} ${path}`);
    }
    const paths = new Set([...expected].map((key) => key.split(' ')[1]));
    const owners = new Set([...expected].map((key) => key.split(' ')[0]));
    const actual = [watches.count, watches.pathCount, watches.watcherCount];
    if (actual.join() !== [expected.size, paths.size, owners.size].join()) {
      t.fail(`step ${i}: ${actual.join()}`);
      return;
    }
  }
});

await t.test('a persistent watch stays, whatever else its watcher asked for (trap 51)', async (t) => {
  const watches = new WatchManager();
  const a = new Recorder('a');
  watches.add('/p', a, WatchMode.persistent);
  watches.add('/p', a);
  t.equal(watches.count, 1, 'one connection at one path');
  watches.trigger('/p', CHANGED, ZXID, 1);
  watches.trigger('/p', CHANGED, ZXID, 1);
  t.same(a.events, ['3 /p 7', '3 /p 7'], 'each change is told once');
  t.notOk(watches.has('/p', a, WatchMode.standard));
  t.ok(watches.has('/p', a, WatchMode.persistent));
  watches.trigger('/p/child', CHANGED, ZXID, 1);
  t.equal(a.events.length, 2, 'of this node alone');
});

await t.test('a recursive watch hears of everything below it, and each change once', async (t) => {
  const watches = new WatchManager();
  const [root, branch, leaf] = [new Recorder('root'), new Recorder('branch'), new Recorder('leaf')];
  watches.add('/', root, WatchMode.recursive);
  watches.add('/a', branch, WatchMode.recursive);
  watches.add('/a/b', branch, WatchMode.recursive);
  watches.add('/a/b', leaf);
  for (const path of ['/a/b', '/a', '/ab', '/']) watches.trigger(path, CHANGED, ZXID, 1);
  t.same(root.events, ['3 /a/b 7', '3 /a 7', '3 /ab 7', '3 / 7']);
  t.same(branch.events, ['3 /a/b 7', '3 /a 7']);
  t.same(leaf.events, ['3 /a/b 7']);
  watches.removeWatcher(root);
  watches.removeWatcher(branch);
  t.equal(watches.trigger('/a/b', CHANGED, ZXID, 1), null);
});

await t.test('each way of watching ends on its own, or all at once', async (t) => {
  const watches = new WatchManager();
  const a = new Recorder('a');
  t.notOk(watches.remove('/p', a, null));
  for (const mode of [WatchMode.standard, WatchMode.persistent, WatchMode.recursive])
    watches.add('/p', a, mode);
  t.ok(watches.remove('/p', a, WatchMode.persistent));
  t.notOk(watches.remove('/p', a, WatchMode.persistent));
  t.ok(watches.has('/p', a, null));
  t.ok(watches.remove('/p', a, null));
  t.notOk(watches.has('/p', a, null));
  t.same([watches.count, watches.pathCount, watches.watcherCount], [0, 0, 0]);
});

await t.test(
  'what comes and goes while the watches are listed is in the list once or not at all',
  async (t) => {
    const watches = new WatchManager();
    const watchers = ['a', 'b', 'c', 'd'].map((name) => new Recorder(name));
    const [a, b, c, d] = watchers as [Recorder, Recorder, Recorder, Recorder];
    for (const path of ['/1', '/2', '/3', '/4']) for (const watcher of [a, b, c]) watches.add(path, watcher);
    const paths = new Map<string, readonly Watcher[]>();
    for (const [path, who] of watches.paths()) {
      t.notOk(paths.has(path), `${path} comes once`);
      if (!t.passing()) return;
      if (path === '/1') {
        watches.trigger('/2', CHANGED, ZXID, 1);
        watches.trigger('/3', CHANGED, ZXID, 1);
        watches.add('/3', d);
        watches.add('/5', d);
      }
      // As when its turn has come and gone: what is being listed is set again, and would come up for ever.
      watches.trigger(path, CHANGED, ZXID, 1);
      watches.add(path, d);
      paths.set(path, who);
    }
    t.same([...paths.keys()], ['/1', '/3', '/4']);
    t.ok([...paths.values()].every((who) => who.length > 0));

    const seen = new Map<Watcher, readonly string[]>();
    for (const path of ['/6', '/7']) for (const watcher of [a, b, c]) watches.add(path, watcher);
    for (const [watcher, watched] of watches.watchers()) {
      t.notOk(seen.has(watcher));
      if (!t.passing()) return;
      watches.removeWatcher(watcher);
      watches.removeWatcher(b);
      for (const path of watched) watches.add(path, watcher);
      seen.set(watcher, watched);
    }
    t.ok(seen.size >= 2 && !seen.has(b), 'those that are there when they are reached');
    t.ok([...seen.values()].every((watched) => watched.length > 0));
  },
);
