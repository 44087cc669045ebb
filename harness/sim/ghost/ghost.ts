import type { Membership } from '../../../server/zab/membership.ts';
import { membershipIn } from '../../../server/zab/reconfig-entry.ts';
import type { Model } from '../../model/model.ts';
import type { Violations } from '../violations.ts';
import type { Marks } from '../marks.ts';
import { GhostHistory } from './ghost-history.ts';
import type { GhostConfigurations } from './ghost-configurations.ts';
import { type GhostServer, isEpochStart } from './ghost-server.ts';
import { GhostTree } from '../../model/ghost-tree.ts';
import { RequestLedger } from '../../model/request-ledger.ts';

/** Everything the simulation knows and no server does. */
export class Ghost implements Model {
  readonly hasApacheServers = false;
  readonly servers: readonly GhostServer[];
  readonly history: GhostHistory;
  readonly tree = new GhostTree();
  readonly requests = new RequestLedger({ hasStrangers: false });
  readonly violations: Violations;
  readonly marks: Marks;
  readonly #byId = new Map<number, GhostServer>();
  readonly configurations: GhostConfigurations;
  /** Where an epoch ends. */
  readonly zxidCounterMax: number;
  /**
   * There is one server, and it is no ensemble's: what its own disk has is committed, and what nobody was told of it
   * may number again after a power cut.
   */
  readonly isStandalone: boolean;

  constructor(
    servers: readonly GhostServer[],
    options: {
      readonly violations: Violations;
      readonly marks: Marks;
      readonly isStandalone: boolean;
      /** The zxid that everybody has at the beginning. */
      readonly origin: number;
      readonly zxidCounterMax: number;
      readonly configurations: GhostConfigurations;
    },
  ) {
    const { violations, marks, isStandalone, origin, zxidCounterMax, configurations } = options;
    this.zxidCounterMax = zxidCounterMax;
    this.configurations = configurations;
    this.history = new GhostHistory(origin);
    this.servers = servers;
    this.isStandalone = isStandalone;
    this.violations = violations;
    this.marks = marks;
    for (const server of servers) this.#byId.set(server.id, server);
  }

  /** Who decides now, and who may come to decide: of a change that is under way nobody can tell from outside. */
  get configurationsInPlay(): readonly [Membership, ...Membership[]] {
    const proposed = [...this.history.open].flatMap(({ bytes }) => membershipIn(bytes) ?? []);
    return [this.configurations.last, ...proposed];
  }

  server(id: number): GhostServer {
    const server = this.#byId.get(id);
    if (server === undefined) throw new Error(`no server ${id}`);
    return server;
  }

  /** `e << 32` is where an epoch begins, and shows what all before it have left. */
  isCommitted(zxid: number): boolean {
    return zxid <= this.history.lastCommitted || isEpochStart(zxid);
  }

  report(property: string, message: string): void {
    this.violations.report(property, message);
  }

  mark(what: string): void {
    this.marks.hit(what);
  }
}
