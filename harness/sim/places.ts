/** Where the servers of a simulation listen, and where their data are. */
export const CLIENT_PORT = 2181;
export const QUORUM_PORT = 2888;
export const ELECTION_PORT = 3888;
export const DIRECTORY = '/data/version-2';
export const CONFIG_FILE = '/zoo.cfg';
