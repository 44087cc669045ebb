/**
 * Where the core says what an operator should know. The shell prints it; the simulator collects it. A message
 * is one line of prose: whoever prints it escapes control characters, so callers may interpolate a client's
 * strings, but never a password or a digest.
 */
export interface Log {
  debug(component: string, message: string): void;
  info(component: string, message: string): void;
  warn(component: string, message: string): void;
  error(component: string, message: string): void;
}

/** For tests and tools that have no reader for it. */
export const SILENT_LOG: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};
