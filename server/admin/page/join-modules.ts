import { readFileSync } from 'node:fs';

const IMPORT = /^import [^;]*? from '\.\/([a-z-]+\.js)';$/gm;

/**
 * A module with those it imports, as one text that imports nothing: each once, behind what it needs. They share one scope
 * then, in which the engine refuses two of the same name.
 *
 * @param directory of compiled modules that import only from there
 */
export function joinModules(directory: URL, entry: string): string {
  const texts = new Map<string, string>();
  const visit = (name: string): void => {
    if (texts.has(name)) return;
    const text = readFileSync(new URL(name, directory), 'utf8');
    for (const [, imported = ''] of text.matchAll(IMPORT)) visit(imported);
    texts.set(name, ownText(text));
  };
  visit(entry);
  return [...texts.values()].join('');
}

/** Without imports, exports, and the source map, which would be a request. */
function ownText(text: string): string {
  return text
    .replaceAll(IMPORT, '')
    .replaceAll(/^export (?=const |class |function |async )/gm, '')
    .replaceAll(/^\/\/# sourceMappingURL=.*$/gm, '');
}
