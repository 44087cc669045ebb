import type { KazooVersion } from './installation.ts';
import type { KazooTarget } from './run-kazoo.ts';

const READ_ONLY_CLIENT = new Map([
  [
    'test_connection.py::TestReadOnlyMode::test_read_only',
    'kazoo 2.8 gives up looking for a server before one is read-only; fails against Apache 3.8.0 as well',
  ],
]);

/** kazoo's tests that do not pass, and why. One that is not here has to pass, one that is here has to fail. */
export const EXPECTED_FAILURES: Readonly<
  Record<KazooVersion, Readonly<Record<KazooTarget, ReadonlyMap<string, string>>>>
> = {
  '2.8': { apache: READ_ONLY_CLIENT, ours: READ_ONLY_CLIENT },
  '2.11': { apache: new Map(), ours: new Map() },
};
