import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ServerProgram } from '../../ensemble/server-program.ts';
import { JsonLines } from './json-lines.ts';
import { ServerControl } from './server-control.ts';
import { CONTROL_VARIABLE, type ControlAddress, type ControlReport } from './settings.ts';

const PRELOAD = fileURLToPath(new URL('./preload.js', import.meta.url));

/** What a server is to be started with, so that it can be controlled. */
export interface ControlledStart {
  readonly nodeFlags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The harness's ends of the ways into the processes of servers that were started for it. */
export class ServerControls {
  readonly #listener: Server;
  readonly #token = randomBytes(16).toString('hex');
  readonly #controls = new Map<number, ServerControl>();
  readonly #sockets = new Set<Socket>();

  private constructor(listener: Server) {
    this.#listener = listener;
    listener.on('connection', (socket) => this.#accept(socket));
  }

  /** Listens on 127.0.0.1; `close` ends that. */
  static async open(): Promise<ServerControls> {
    const listener = createServer({ noDelay: true });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    // Servers that are still there when all else is done keep nobody up.
    listener.unref();
    return new ServerControls(listener);
  }

  /** The same program, with us in its processes. */
  of(program: ServerProgram): ServerProgram {
    if (program.takesPreload !== true) return program;
    return {
      ...program,
      commandLine: (place, members) => {
        const { args, env, ...line } = program.commandLine(place, members);
        const start = this.start(place.member.id);
        return { ...line, args: [...start.nodeFlags, ...args], env: { ...env, ...start.env } };
      },
    };
  }

  start(serverId: number): ControlledStart {
    const { port } = this.#listener.address() as AddressInfo;
    const address: ControlAddress = { port, token: this.#token, serverId };
    return { nodeFlags: ['--import', PRELOAD], env: { [CONTROL_VARIABLE]: JSON.stringify(address) } };
  }

  server(id: number): ServerControl {
    const known = this.#controls.get(id);
    if (known !== undefined) return known;
    const control = new ServerControl(id);
    this.#controls.set(id, control);
    return control;
  }

  close(): void {
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    let control: ServerControl | null = null;
    const lines = new JsonLines<ControlReport>((report) => {
      if (control !== null) control.told(report, socket);
      else if (report.type === 'hello' && report.token === this.#token) {
        control = this.server(report.serverId);
        control.connected(socket, report.pid);
      } else socket.destroy();
    });
    socket.setEncoding('utf8').on('data', (text: string) => lines.push(text));
    socket.on('error', () => {
      // A server that was killed; it connects again when it is started again.
    });
    socket.on('close', () => {
      this.#sockets.delete(socket);
      control?.disconnected(socket);
    });
  }
}
