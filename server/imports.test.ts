import { readFileSync } from 'node:fs';
import t from 'tap';

const IMPORT =
  /(?:^|\n)(?:import|export)\s(?:[\w$*{},\s]+\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Everything that a module imports, and what that imports, from outside by its name. */
function outsideOf(entry: URL): { readonly modules: number; readonly outside: readonly string[] } {
  const seen = new Set<string>();
  const outside = new Set<string>();
  const visit = (module: URL): void => {
    if (seen.has(module.href)) return;
    seen.add(module.href);
    for (const [, fixed, later] of readFileSync(module, 'utf8').matchAll(IMPORT)) {
      const name = fixed ?? later ?? '';
      if (name.startsWith('.')) visit(new URL(name, module));
      else outside.add(name);
    }
  };
  visit(entry);
  return { modules: seen.size, outside: [...outside] };
}

await t.test('the server is made of itself and Node: nobody else’s hole is its own', async (t) => {
  const { modules, outside } = outsideOf(new URL('./main.js', import.meta.url));
  t.ok(modules > 100, `${modules} modules`);
  t.ok(outside.includes('node:net'));
  t.same(
    outside.filter((name) => !name.startsWith('node:')),
    [],
  );
});
