import { openSync, writeSync, closeSync } from 'node:fs';
import { userName } from './admin/environment.ts';
import type { Log } from './base/log.ts';
import { printable } from './base/printable.ts';
import { ConfigError } from './config-error.ts';
import { logTimestamp } from './log.ts';
import type { AuditEvent } from './pipeline/audit-events.ts';

export interface AuditLogOptions {
  /** Absolute; null: with the other lines of the log. */
  readonly file: string | null;
  /** The configuration, for messages. */
  readonly configFile: string;
  readonly log: Log;
  /** Where lines go without a file; stdout unless told. */
  readonly out?: (text: string) => void;
  readonly now?: () => Date;
}

const OWNER_AND_GROUP = 0o640;

/**
 * Apache's audit log: a line for each change that a client has made or wanted to make, `name=value` with tabs between, in the
 * layout of its own logback configuration. What a client could have put into a value is escaped, so that a line is one event
 * and a tab is between two fields. The lines of a turn go out together, at its end.
 */
export class AuditLog {
  readonly serverUser = userName();
  readonly #options: AuditLogOptions;
  #descriptor: number | null;
  #isClosed = false;
  #lines = '';
  #isFailing = false;

  /** @throws ConfigError for a file that cannot be written. */
  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#descriptor = options.file === null ? null : opened(options.file, options.configFile);
  }

  /** What the server does itself. */
  tellOfServer(operation: 'serverStart' | 'serverStop', result: AuditEvent['result']): void {
    const nothing = { session: null, ip: null, znode: null, znodeType: null, acl: null };
    this.add({ ...nothing, user: this.serverUser, operation, result });
  }

  readonly add = (event: AuditEvent): void => {
    if (this.#isClosed) return;
    if (this.#lines === '') setImmediate(() => this.#write());
    const level = event.result === 'failure' ? 'ERROR' : 'INFO';
    const at = logTimestamp(this.#options.now?.() ?? new Date());
    this.#lines += `${at} ${level} audit.Slf4jAuditLogger: ${auditLine(event)}\n`;
  };

  /** Writes what there is; any number of times. */
  close(): void {
    this.#write();
    this.#isClosed = true;
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #write(): void {
    const lines = this.#lines;
    this.#lines = '';
    if (lines === '') return;
    if (this.#descriptor === null) {
      (this.#options.out ?? ((text) => process.stdout.write(text)))(lines);
      return;
    }
    try {
      writeSync(this.#descriptor, lines);
      this.#isFailing = false;
    } catch (error) {
      // Once, until it works again: clients are served all the same.
      if (!this.#isFailing) this.#options.log.error('Audit', `events are lost: ${(error as Error).message}`);
      this.#isFailing = true;
    }
  }
}

/** In Apache's order; what there is not is left out. */
export function auditLine(event: AuditEvent): string {
  const { session, user, ip, operation, znode, znodeType, acl, result } = event;
  const fields = { session, user, ip, operation, znode, znode_type: znodeType, acl, result };
  return Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${printable(value ?? '', Number.POSITIVE_INFINITY)}`)
    .join('\t');
}

function opened(file: string, configFile: string): number {
  try {
    return openSync(file, 'a', OWNER_AND_GROUP);
  } catch (error) {
    throw new ConfigError(
      {
        code: 'UNREADABLE',
        file: configFile,
        line: null,
        key: 'stampede.audit.file',
        value: file,
        expected: `the audit log cannot be written: ${(error as Error).message}`,
        advice:
          'give the server a file that it may make or append to, or remove the line to have it in the log',
      },
      { cause: error },
    );
  }
}
