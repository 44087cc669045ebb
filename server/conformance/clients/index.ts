import { cClient } from './c-client.ts';
import { kazoo } from './kazoo.ts';
import { nodeZookeeperClient } from './node-zookeeper-client.ts';
import type { ClientSuite } from './suite.ts';
import { zkCli } from './zkcli.ts';
import { zookeeper } from './zookeeper.ts';

/** Those that need nothing but what is installed. */
export const QUICK_SUITES: readonly ClientSuite[] = [kazoo, zkCli, cClient, nodeZookeeperClient];

export const ALL_SUITES: readonly ClientSuite[] = [...QUICK_SUITES, zookeeper];
