import type { FuzzTarget } from '../target.ts';
import { clientRequest, clientStream } from './client.ts';
import { zooConfig } from './config.ts';
import { electionPort } from './election.ts';
import { logEntries, logFile, sealedSnapshot, snapshotFile } from './files.ts';
import { jksStore, pkcs12Store } from './key-stores.ts';
import { leaderPort, learnerPort } from './quorum.ts';

/** Every place where bytes come in that somebody else has made. */
export const TARGETS: readonly FuzzTarget[] = [
  clientStream,
  clientRequest,
  electionPort,
  leaderPort,
  learnerPort,
  logFile,
  logEntries,
  snapshotFile,
  sealedSnapshot,
  zooConfig,
  jksStore,
  pkcs12Store,
];
