import type { StreamListenerOptions } from '../stream-listener.ts';

/** Takes whoever comes, at a port of its own on this machine. */
export const OPEN_TO_ALL: StreamListenerOptions = {
  host: '127.0.0.1',
  port: 0,
  backlog: -1,
  perAddressMax: 0,
  totalMax: 0,
  throttle: null,
  onRefused: () => undefined,
};
