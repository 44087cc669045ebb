import { withoutProperties } from '../base/java-properties.ts';
import type { DiskScript } from './disk-script.ts';
import { readTextFile, removeFile, replaceFile } from './small-file.ts';

/** Far more than a person writes into a zoo.cfg. */
const CONFIG_BYTES_MAX = 1 << 20;

/** A configuration of an ensemble, as it is kept. */
export interface StoredConfiguration {
  /** The zxid of the reconfig that made it. */
  readonly version: number;
  /** Config text (protocol §5.4), `version=` included. */
  readonly text: string;
  /** Whether it says where this server's clients are served: then zoo.cfg need not, and must not contradict it. */
  readonly hasClientAddress: boolean;
}

/**
 * The files that say who belongs to the ensemble (protocol §5.4), as Apache keeps them and finds them:
 * `zoo.cfg` names `zoo.cfg.dynamic.<version>`, the configuration that is committed, and beside it
 * `zoo.cfg.dynamic.next` is one that was proposed and need not be.
 */
export class ConfigurationFiles {
  readonly #configFile: string;

  /** `configFile`: zoo.cfg, absolute. */
  constructor(configFile: string) {
    this.#configFile = configFile;
  }

  /** Durable when this has returned: from then on this server knows of it whatever happens. */
  *writeNext({ text }: StoredConfiguration): DiskScript<void> {
    yield* replaceFile(this.#nextFile, inOrder(text.split('\n')));
  }

  /** What was proposed will not be, or is. */
  *removeNext(): DiskScript<void> {
    yield* removeFile(this.#nextFile);
  }

  /**
   * The order of durable steps: the members' file, then zoo.cfg, which names it from then on. A start in between finds
   * the old configuration, with the new one as proposed.
   */
  *commit(configuration: StoredConfiguration): DiskScript<void> {
    const { version, text } = configuration;
    const dynamicFile = `${this.#configFile}.dynamic.${version.toString(16)}`;
    const lines = text.split('\n').filter((line) => !line.startsWith('version='));
    yield* replaceFile(dynamicFile, inOrder(lines));
    yield* this.#pointTo(dynamicFile, configuration);
  }

  *#pointTo(dynamicFile: string, { hasClientAddress }: StoredConfiguration): DiskScript<void> {
    const text = (yield* readTextFile(this.#configFile, CONFIG_BYTES_MAX)) ?? '';
    const backup = `${this.#configFile}.bak`;
    // What somebody once wrote is kept; what was written here since need not be.
    if (!/^\s*dynamicConfigFile\b/m.test(text)) yield* replaceFile(backup, text);
    const rest = withoutProperties(
      text,
      (key) => saysWhoBelongs(key) || (hasClientAddress && key.startsWith('clientPort')),
    );
    const end = rest === '' || rest.endsWith('\n') ? '' : '\n';
    yield* replaceFile(this.#configFile, `${rest}${end}dynamicConfigFile=${dynamicFile}\n`);
  }

  get #nextFile(): string {
    return `${this.#configFile}.dynamic.next`;
  }
}

/** Apache looks at the beginning alone. */
function saysWhoBelongs(key: string): boolean {
  return /^(?:server\.|group|weight|dynamicConfigFile|peerType)/.test(key);
}

function inOrder(lines: readonly string[]): string {
  return [...lines].sort().join('\n');
}
