import type { KazooTarget } from './run-kazoo.ts';

const READ_ONLY_CLIENT =
  'kazoo 2.8 gives up looking for a server before one is read-only; fails against Apache 3.8.0 as well';

/** Tests of kazoo 2.8 that do not pass, and why. One that is not here has to pass, one that is here has to fail. */
export const EXPECTED_FAILURES: Readonly<Record<KazooTarget, ReadonlyMap<string, string>>> = {
  apache: new Map([['test_connection.py::TestReadOnlyMode::test_read_only', READ_ONLY_CLIENT]]),
  ours: new Map([['test_connection.py::TestReadOnlyMode::test_read_only', READ_ONLY_CLIENT]]),
};
