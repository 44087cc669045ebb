import type { Accept } from '../../server/base/ports.ts';
import { Lifetime } from './lifetime.ts';
import type { SimStream } from './sim-stream.ts';

/** A machine on the network: its address, what listens there, and the connections that end there. */
export class SimHost {
  readonly id: number;
  readonly address: string;
  /** Of the process that runs there now, or ran there last. */
  lifetime: Lifetime;
  /** False while it has no power. A host whose process is dead is up, and refuses connections. */
  isUp = true;
  readonly listeners = new Map<number, Accept>();
  readonly streams = new Set<SimStream>();
  /** Connections that the machine forgot when it lost power. */
  orphans: SimStream[] = [];

  constructor(id: number, address: string) {
    this.id = id;
    this.address = address;
    this.lifetime = new Lifetime(id);
  }

  /** A new process. The one before it must be dead. */
  begin(): Lifetime {
    this.lifetime = new Lifetime(this.id);
    this.isUp = true;
    for (const orphan of this.orphans.splice(0)) orphan.onHostBack();
    return this.lifetime;
  }

  /** The process dies. With the power gone nobody is told. */
  end(how: 'killed' | 'power lost'): void {
    this.lifetime.isAlive = false;
    this.listeners.clear();
    if (how === 'power lost') this.isUp = false;
    for (const stream of Array.from(this.streams)) {
      if (how === 'power lost') stream.vanish();
      else stream.abort();
    }
  }
}
