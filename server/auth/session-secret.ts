import { createHmac } from 'node:crypto';
import type { Secret } from '../secret.ts';
import { sessionPassword, type PasswordOf } from '../session/session-password.ts';

const PASSWORD_BYTES = 16;

/**
 * How sessions come by their passwords. Without a secret as every Apache server does it, which anybody can who knows a
 * session's id; with one as only those servers can that have it.
 */
export function createPasswordOf(secret: Secret | null): PasswordOf {
  if (secret === null) return sessionPassword;
  return (id) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(id);
    const mac = createHmac('sha256', secret.reveal()).update(bytes).digest();
    return new Uint8Array(mac.subarray(0, PASSWORD_BYTES));
  };
}
