import { z } from 'zod';

/** What is to be compared can't be; the message says which part, and what would be right. */
export class ArmError extends Error {
  override readonly name = 'ArmError';
  readonly code = 'arm';
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** What one side of a comparison does otherwise than the command says for all; as a file says it. */
const armSchema = z.strictObject({
  /** What reports call it; the words it was made of unless told. */
  name: z.string().min(1).optional(),
  /** `ours`, `apache`, `apache@3.9.5`, `rev:HEAD~1`: of all its servers. */
  kind: z.string().optional(),
  /** How many, or kinds as of `bench --servers`. */
  servers: scalar.optional(),
  /** As of `bench --target`. */
  target: z.string().optional(),
  fault: z.string().optional(),
  workload: z.string().optional(),
  /** As of `bench --beside`. */
  beside: z.string().optional(),
  /** Settings of the workload, as of `bench --with`. */
  with: z.record(z.string(), scalar).default({}),
  /** Lines of zoo.cfg. */
  set: z.record(z.string(), scalar).default({}),
});
export type Arm = z.output<typeof armSchema> & { readonly name: string };

/** What a word `name=value` says of more than a line of zoo.cfg. */
const OWN_WORDS = ['servers', 'target', 'fault', 'workload', 'beside'] as const;
const WORKLOAD_SETTING = /^(mix\.\w+|keys\.\w+|valueSize|connections|depth|rate|arrivals|durationS|warmupS)$/;

/**
 * Reads `--arm`, `--set` or `--vs`: words between spaces. `ours`, `apache`, `apache@3.9.5`, `rev:HEAD~1` say whose
 * servers; `servers=5`, `target=…`, `fault=…`, `workload=…`, `beside=…` are as the flags of `bench`; a setting of the workload, as
 * `rate=2000`, is one; anything else of that form is a line of zoo.cfg.
 *
 * @throws ArmError
 */
export function parseArm(text: string): Arm {
  const words = text.trim().split(/\s+/);
  const draft: { kind?: string; with: Record<string, string>; set: Record<string, string> } & Partial<
    Record<(typeof OWN_WORDS)[number], string>
  > = { with: {}, set: {} };
  for (const word of words) {
    const [key, value] = splitOnce(word);
    if (value === null) {
      if (!/^(ours|apache)(@.+)?$|^rev:.+$/.test(word)) throw unknownWord(text, word);
      if (draft.kind !== undefined)
        throw new ArmError(`${text}: ${draft.kind} and ${word}; give one of them`);
      draft.kind = word;
    } else if (isOwnWord(key)) draft[key] = value;
    else if (WORKLOAD_SETTING.test(key)) draft.with[key] = value;
    else draft.set[key] = value;
  }
  return withoutContradiction({ name: words.join(' '), ...draft }, text);
}

/** Reads the contents of a file of one arm. `source`: what errors call it. @throws ArmError */
export function armOf(value: unknown, source: string): Arm {
  const parsed = armSchema.safeParse(value);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      ({ path, message }) => `  ${path.join('.') || 'at the top'}: ${message}`,
    );
    throw new ArmError(`${source} is no arm of a comparison:\n${lines.join('\n')}`);
  }
  return withoutContradiction({ ...parsed.data, name: parsed.data.name ?? source }, source);
}

function withoutContradiction(arm: Arm, source: string): Arm {
  const { kind, target, servers } = arm;
  if (kind !== undefined && target !== undefined) {
    throw new ArmError(
      `${source}: ${kind} is started for the comparison, target=${target} is there; give one of them`,
    );
  }
  if (kind !== undefined && servers !== undefined && !/^\d+$/.test(servers)) {
    throw new ArmError(`${source}: servers=${servers} names kinds, and so does ${kind}; give one of them`);
  }
  return arm;
}

function splitOnce(word: string): readonly [string, string | null] {
  const at = word.indexOf('=');
  return at <= 0 || word.startsWith('rev:') ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
}

function isOwnWord(key: string): key is (typeof OWN_WORDS)[number] {
  return (OWN_WORDS as readonly string[]).includes(key);
}

function unknownWord(text: string, word: string): ArmError {
  return new ArmError(
    `${text}: "${word}" is none of ours, apache, apache@<version or jars>, ours@<directory>, rev:<revision>, nor ` +
      'written as key=value, nor a file that ends in .yaml, .yml or .json',
  );
}
