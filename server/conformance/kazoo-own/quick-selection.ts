import type { KazooVersion } from './installation.ts';

/**
 * What tries a cluster hardest for its time: servers that are stopped and start again, lost connections, expired
 * sessions, and the recipes that are built on ephemeral and sequential nodes; and who is who by SASL.
 */
const IN_ALL: readonly string[] = [
  'test_connection.py',
  'test_client.py::TestClientTransitions',
  'test_client.py::TestConnection',
  'test_client.py::TestClient::test_update_host_list',
  'test_client.py::TestClient::test_request_queuing_session_expired',
  'test_client.py::TestClient::test_request_queuing_session_recovered',
  'test_client.py::TestClientTransactions',
  'test_election.py',
  'test_barrier.py::KazooDoubleBarrierTests',
  'test_lock.py::KazooLockTests',
  'test_queue.py',
  'test_party.py',
  'test_sasl.py',
];

export const QUICK_SELECTION: Readonly<Record<KazooVersion, readonly string[]>> = {
  '2.8': IN_ALL,
  '2.11': [...IN_ALL, 'test_client.py::TestSSLClient'],
};
