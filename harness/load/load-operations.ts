/**
 * The operations a load is mixed from. A failed `exists`, `read` or `delete` of a missing znode is an answer
 * like any other: a load does not avoid refusals, it counts them.
 */
export const LOAD_OPERATIONS = ['read', 'write', 'create', 'delete', 'exists', 'children', 'sync'] as const;

export type LoadOperation = (typeof LOAD_OPERATIONS)[number];
