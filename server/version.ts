/** This package's version; a test keeps it equal to package.json. */
export const STAMPEDE_VERSION = '0.1.0';

/**
 * What `srvr`, `stat` and `mntr` call us, in Apache's form `<version>-<build>, built on <date>`. It starts with
 * the Apache version whose protocol is spoken, because clients and tools switch features on by it. Some Go
 * clients accept only `built on MM/DD/YYYY HH:MM TZ`: `stampede.versionLine` in zoo.cfg replaces the whole line.
 */
export const DEFAULT_VERSION_LINE = `3.9.5-stampede-${STAMPEDE_VERSION}, built on 2026-11-21 00:00 UTC`;
