import { CONFIG_KEYS, CONFIG_KEY_NAMES, KEY_FAMILIES, type KeyScope, type KeySpec } from '../config-keys.ts';
import type { KeySupport } from '../config-keys.ts';

const SCOPES: Readonly<Record<KeyScope, (name: string) => string>> = {
  file: () => 'zoo.cfg',
  property: (name) => `zoo.cfg, -Dzookeeper.${name}`,
  jvm: (name) => `zoo.cfg, -D${name}`,
};

const SUPPORT: Readonly<Record<KeySupport, string>> = {
  used: 'yes',
  java: 'no counterpart here, ignored',
  'not-yet': 'not yet, warns',
  refused: 'not yet, the server does not start',
  ensemble: 'in an ensemble',
  'ensemble-not-yet': 'not yet, warns in an ensemble',
  'ensemble-refused': 'not yet, an ensemble does not start',
};

const HEAD = `# Configuration reference

Written by \`npm run server:config-reference\` from \`server/config-keys.ts\`; a test fails when it is out of date. Defaults
are Apache's unless the source says otherwise. A key that is not here is refused where it looks like a mistyped one.
\`server.N\`, \`group.G\` and \`weight.N\` are in the README.
`;

/** Every key the server knows, as Markdown: what docs/CONFIGURATION.md has to be. */
export function configReference(): string {
  const keys = CONFIG_KEY_NAMES.map((name) => {
    const spec: KeySpec<unknown> = CONFIG_KEYS[name];
    return [
      `\`${name}\``,
      defaultText(spec),
      spec.kind.expected.replace(/^must be /, ''),
      SCOPES[spec.scope](name),
      SUPPORT[spec.support],
    ];
  });
  const families = KEY_FAMILIES.map(({ prefix, support }) => [`\`${prefix}*\``, SUPPORT[support]]);
  return [
    HEAD,
    table([['key', 'default', 'value', 'set in', 'has an effect'], ...keys]),
    'Keys with a name of their own behind a prefix, where the table above does not have them:\n',
    table([['keys', 'has an effect'], ...families]),
  ].join('\n');
}

function defaultText({ default: value, kind }: KeySpec<unknown>): string {
  if (value === null) return '';
  if (value === '') return '(empty)';
  // Some are written `yes` and `no`, and only so.
  const isYesNo = kind.parse('yes') !== undefined && typeof value === 'boolean';
  return isYesNo ? (value ? 'yes' : 'no') : JSON.stringify(value).replaceAll('"', '');
}

/** Padded, as the formatter would have it. */
function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(3, ...cells.map((row) => (row[column] ?? '').length)),
  );
  const lines = cells.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [lines[0], rule, ...lines.slice(1), ''].join('\n');
}
