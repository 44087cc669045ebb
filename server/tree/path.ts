/** Paths as `PathUtils` and `PrepRequestProcessor` see them (protocol §1.7). */

/** What a server shows of who belongs to its ensemble. */
export const CONFIG_PATH = '/zookeeper/config';

/** The nodes no client may delete: the root and what the server made for itself. */
const SYSTEM_PATHS: ReadonlySet<string> = new Set(['/', '/zookeeper', '/zookeeper/quota', CONFIG_PATH]);

export function isSystemPath(path: string): boolean {
  return SYSTEM_PATHS.has(path);
}

/**
 * Starts with '/', no trailing '/' except for the root itself, no empty component, no "." or "..", and none
 * of the characters ZooKeeper refuses, judged by UTF-16 unit.
 */
export function isValidPath(path: string): boolean {
  if (path.length === 0 || path.charCodeAt(0) !== SLASH) return false;
  if (path.length === 1) return true;
  let componentStart = 1;
  for (let i = 1; i <= path.length; i++) {
    const unit = i === path.length ? SLASH : path.charCodeAt(i);
    if (unit === SLASH) {
      if (!isValidComponent(path, componentStart, i)) return false;
      componentStart = i + 1;
    } else if (isRefusedUnit(unit)) return false;
  }
  return true;
}

/**
 * The parent of a path that has at least one '/', which is all that is asked for before the parent is looked
 * up: the full check comes later, after the sequence number is appended.
 */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** How many names it has: 0 of the root. */
export function depthOf(path: string): number {
  if (path.length <= 1) return 0;
  let depth = 0;
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) === SLASH) depth++;
  return depth;
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What a write's path must pass before anything else is looked at: a '/' somewhere and no NUL. */
export function hasParent(path: string): boolean {
  return path.lastIndexOf('/') >= 0 && path.indexOf('\u0000') < 0;
}

/**
 * The parent's counter of child creations, as ten decimal digits; after an int32 overflow it carries a minus
 * sign inside the ten, as `%010d` prints it.
 */
export function sequenceSuffix(cversion: number): string {
  return cversion < 0 ? `-${String(-cversion).padStart(9, '0')}` : String(cversion).padStart(10, '0');
}

const SLASH = 0x2f;
const DOT = 0x2e;

function isValidComponent(path: string, start: number, end: number): boolean {
  const length = end - start;
  if (length === 0) return false;
  if (path.charCodeAt(start) !== DOT) return true;
  return !(length === 1 || (length === 2 && path.charCodeAt(start + 1) === DOT));
}

function isRefusedUnit(unit: number): boolean {
  return (
    unit <= 0x1f ||
    (unit >= 0x7f && unit <= 0x9f) ||
    (unit >= 0xd800 && unit <= 0xf8ff) ||
    (unit >= 0xfff0 && unit <= 0xffff)
  );
}

/** Whether the node is one of those under `top`, and not `top` itself. */
export function isBelow(path: string, top: string): boolean {
  return path.length > top.length && path.startsWith(top) && path.charCodeAt(top.length) === SLASH;
}
