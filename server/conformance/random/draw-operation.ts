import type { Prng } from '../../base/prng.ts';
import { OpCode } from '../../wire/opcode.ts';
import * as op from '../sequence/operations.ts';

const { Flags, Perms, OPEN_ACL } = op;

/** What is drawn from: few names, so that requests meet each other, and some that are refused. */
const NAMES = ['a', 'b', 'c', 'd'] as const;
const ODD_NAMES = ['', '.', '..', 'x\u0000y', 'tab\u0009', 'é', '\uf8ff', '__proto__'] as const;
const DATA = ['', 'x', 'value', 'a longer value of forty characters ......', null] as const;
const VERSIONS = [-1, -1, -1, -1, 0, 0, 1, 1, 2, 3, 99, -2] as const;
const TTLS = [1, 1000, 2 ** 40 - 1, 2 ** 40, 0, -1] as const;

/** Some of the peers become this one. */
export const becomeBob = op.auth('digest', 'bob:secret');
const BOBS_ID = 'bob:fyVmFCwVbTJYrznoSu1koqYEYF0=';
/** Under which every peer may read. */
const READABLE_ACLS: readonly op.AclList[] = [
  OPEN_ACL,
  [[Perms.read, 'world', 'anyone']],
  [
    [Perms.read | Perms.create, 'world', 'anyone'],
    [Perms.all, 'digest', BOBS_ID],
  ],
  [[Perms.all, 'ip', '127.0.0.1']],
  [
    [Perms.all, 'world', 'anyone'],
    [Perms.all, 'world', 'anyone'],
  ],
  [],
  null,
  [[Perms.all, 'world', 'nobody']],
  [[Perms.all, 'digest', 'without-a-colon']],
  [[Perms.all, 'ip', '300.0.0.1']],
  [[Perms.all, 'unknown', 'scheme']],
];
const ACLS: readonly op.AclList[] = [
  ...READABLE_ACLS,
  [[Perms.all & ~Perms.read, 'world', 'anyone']],
  [[Perms.all, 'digest', BOBS_ID]],
  [[Perms.admin, 'ip', '10.0.0.0/8']],
  [[Perms.all, 'auth', '']],
];

type Draw = (since: number) => op.Operation;

/** Draws requests of all kinds on the nodes below one root. */
export class OperationDraw {
  readonly #random: Prng;
  readonly #root: string;
  readonly #isBefore39: boolean;
  readonly #draws: readonly Draw[];

  /** `isBefore39`: nothing is drawn that 3.9 answers in another way (persistent watches, `exists` of what is closed). */
  constructor(random: Prng, { root, isBefore39 }: { readonly root: string; readonly isBefore39: boolean }) {
    this.#random = random;
    this.#root = root;
    this.#isBefore39 = isBefore39;
    this.#draws = isBefore39 ? this.#common : [...this.#common, ...this.#since39];
  }

  /** What `since` is to a setWatches: a zxid of not long ago. */
  any(since: number): op.Operation {
    return this.#pick(this.#draws)(since);
  }

  readonly #common: readonly Draw[] = [
    ...times(14, () => this.#create()),
    ...times(7, () => op.remove(this.#path(), this.#version())),
    ...times(8, () => op.setData(this.#path(), this.#pick(DATA), this.#version())),
    ...times(3, () => op.setAcl(this.#path(), this.#acl(), this.#version())),
    ...times(7, () => this.#multi()),
    ...times(4, () => op.exists(this.#path(), this.#watch())),
    ...times(5, () => op.getData(this.#path(), this.#watch())),
    ...times(3, () => op.getChildren(this.#path(), this.#watch())),
    ...times(3, () => op.getChildren2(this.#path(), this.#watch())),
    ...times(2, () => op.getAclUnordered(this.#path())),
    ...times(2, () => this.#multiRead()),
    ...times(1, () => op.sync(this.#path())),
    ...times(1, () => op.getAllChildrenNumber(this.#path())),
    ...times(1, () => op.getEphemerals(this.#pick([this.#root, '/', '', null]))),
    ...times(1, () => op.whoAmI),
    ...times(1, (since) => this.#setWatches(since)),
    ...times(1, () => this.#quota()),
  ];

  readonly #since39: readonly Draw[] = [
    ...times(2, () => op.addWatch(this.#path(), this.#pick([0, 1, 1, 2]))),
    ...times(1, () => op.checkWatches(this.#path(), this.#random.below(7))),
    ...times(2, () => op.removeWatches(this.#path(), this.#random.below(7))),
  ];

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)] as T;
  }

  #chance(oneIn: number): boolean {
    return this.#random.below(oneIn) === 0;
  }

  #path(): string {
    if (this.#chance(40)) return this.#pick(['/', 'relative', '/zookeeper', '/zookeeper/quota', '//', '/a/']);
    let path = this.#root;
    for (let depth = this.#random.below(4); depth > 0; depth--) path += `/${this.#name()}`;
    return path;
  }

  #name(): string {
    return this.#chance(40) ? this.#pick(ODD_NAMES) : this.#pick(NAMES);
  }

  #version(): number {
    return this.#pick(VERSIONS);
  }

  #acl(): op.AclList {
    if (!this.#chance(3)) return OPEN_ACL;
    return this.#pick(this.#isBefore39 ? READABLE_ACLS : ACLS);
  }

  #watch(): boolean {
    return this.#chance(2);
  }

  /** Not what Apache does by half or comes to harm by: a container or TTL flag on a plain create (traps 82, 85). */
  #create(): op.Operation {
    const path = this.#path();
    const data = this.#pick(DATA);
    const acl = this.#acl();
    switch (this.#random.below(12)) {
      case 0:
        return op.create(path, data, { type: OpCode.createContainer, flags: Flags.container, acl });
      case 1: {
        const flags = this.#pick([Flags.ttl, Flags.ttlSequential]);
        return op.create(path, data, { type: OpCode.createTtl, flags, acl, ttl: this.#pick(TTLS) });
      }
      case 2:
        return op.create(path, data, { flags: this.#pick([7, 9, -1, 1000]), acl });
      default: {
        const type = this.#pick([OpCode.create, OpCode.create2]);
        const flags = this.#pick([0, 0, 0, Flags.ephemeral, Flags.sequential, Flags.ephemeralSequential]);
        return op.create(path, data, { type, flags, acl });
      }
    }
  }

  #multi(): op.Operation {
    const operations = Array.from({ length: this.#random.below(6) }, () => this.#inMulti());
    return op.multi(...operations);
  }

  #inMulti(): op.Operation {
    // Mostly of one small family, so that some succeed as a whole.
    switch (this.#random.below(5)) {
      case 0:
        return op.remove(this.#path(), this.#version());
      case 1:
        return op.setData(this.#path(), this.#pick(DATA), this.#version());
      case 2:
        return op.check(this.#path(), this.#version());
      default: {
        const flags = this.#pick([0, Flags.ephemeral, Flags.sequential, Flags.sequential]);
        const type = this.#isBefore39 ? OpCode.create : this.#pick([OpCode.create, OpCode.create2]);
        // Of a null list 3.9.5 makes an error that has no zxid of its own (trap 83).
        const acl = this.#acl() ?? OPEN_ACL;
        return op.create(this.#path(), this.#pick(DATA), { type, flags, acl });
      }
    }
  }

  #multiRead(): op.Operation {
    const operations = Array.from({ length: this.#random.below(5) }, () =>
      this.#chance(2) ? op.getData(this.#path(), this.#watch()) : op.getChildren(this.#path(), this.#watch()),
    );
    return op.multiRead(...operations);
  }

  #setWatches(since: number): op.Operation {
    const back = this.#random.below(20);
    const list = (): string[] => Array.from({ length: this.#random.below(4) }, () => this.#path());
    const lists = { data: list(), exist: list(), child: list() };
    const more = !this.#isBefore39 && this.#chance(2) ? { persistent: list(), recursive: list() } : {};
    return op.setWatches(Math.max(0, since - back), `${back} before the last`, { ...lists, ...more });
  }

  #quota(): op.Operation {
    const quota = `/zookeeper/quota${this.#root}`;
    switch (this.#random.below(5)) {
      case 0:
        return op.create(quota, '');
      case 1:
        return op.create(`${quota}/zookeeper_limits`, 'count=5,bytes=50');
      case 2:
        return op.create(`${quota}/zookeeper_stats`, 'count=0,bytes=0');
      case 3:
        return op.getData(`${quota}/zookeeper_stats`);
      default:
        return op.remove(`${quota}/zookeeper_${this.#pick(['limits', 'stats'])}`);
    }
  }
}

function times(count: number, draw: Draw): Draw[] {
  return Array.from({ length: count }, () => draw);
}
