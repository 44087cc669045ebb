import { OpCode } from '../../wire/opcode.ts';
import { pathWatch } from '../../pipeline/testing/bodies.ts';
import type { TestClient } from '../../pipeline/testing/test-client.ts';
import { TestServer } from '../../pipeline/testing/test-server.ts';
import { framed, joined, recordedClients } from '../recordings.ts';
import { check, type FuzzTarget } from '../target.ts';

/** A server is used for so many inputs, whose nodes and sessions are in each other's way. */
const INPUTS_PER_SERVER = 400;

/** Has a session of its own, and must not notice what others do. */
class Service {
  readonly server = new TestServer();
  readonly #honest: TestClient;
  inputs = 0;

  constructor() {
    this.#honest = this.server.connect();
  }

  judge(): void {
    const { server } = this;
    this.#honest.send(OpCode.exists, pathWatch('/zookeeper'));
    server.settle();
    const [reply] = this.#honest.replies().filter(({ xid }) => xid > 0);
    check(reply?.err === 0, 'another client is not served');
    check(server.core.connections.size === 1, 'a connection is left');
    check(server.tree.watchCount === 0, 'watches are left of a connection that is closed');
    check(server.core.outstanding === 0, 'a txn is left');
  }
}

let service = new Service();

function nextService(): Service {
  if (++service.inputs > INPUTS_PER_SERVER) service = new Service();
  return service;
}

/** Whatever comes on a client port, in pieces that the input itself chooses. */
export const clientStream: FuzzTarget = {
  name: 'client-stream',
  corpus: recordedClients().map((payloads) => joined(payloads.map(framed))),
  run: (input) => {
    const { server } = nextService();
    const client = server.open();
    const step = 1 + (input[input.length - 1] ?? 0);
    for (let at = 0; at < input.length && client.socket.state === 'open'; at += step) {
      client.sendBytes(input.slice(at, at + step));
      if (at % 7 === 0) server.settle();
    }
    server.settle();
    client.connection.onClosed();
    server.settle();
    service.judge();
  },
};

/** A request of a client that has a session: what the lengths around it would hide. */
export const clientRequest: FuzzTarget = {
  name: 'client-request',
  corpus: recordedClients().flatMap((payloads) => payloads.slice(1)),
  run: (input) => {
    const { server } = nextService();
    const client = server.connect();
    client.sendBytes(framed(input));
    client.sendBytes(framed(input));
    server.settle();
    client.connection.onClosed();
    server.settle();
    service.judge();
  },
};
