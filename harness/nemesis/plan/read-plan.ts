import { readFileSync } from 'node:fs';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { type FieldFacts, whyNotTogether, whyUnavailable } from '../availability.ts';
import { firstClash } from './fault-atlas.ts';
import { faultOf, parsePlan, type Plan, type PlanDocument, PlanError, type PlanProblem } from './plan.ts';

/** @throws PlanError, with the line and column of each thing that is wrong, when it can't be read or is no plan. */
export function readPlanFile(file: string): PlanDocument {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PlanError(`${file} cannot be read (${why}); name a file with a plan, in YAML or JSON`, {
      cause: error,
    });
  }
  return readPlan(text, file);
}

/** As `readPlanFile`, of a text: YAML, of which JSON is a part. `source`: what errors call it. */
export function readPlan(text: string, source: string): PlanDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw new PlanError(`${source}:${line}:${col}: ${broken.message.split('\n')[0]}`);
  }
  const parsed = parsePlan(document.toJS());
  if (parsed.ok) return { plan: parsed.plan, run: parsed.run };
  const described = parsed.problems.map((problem) => {
    const { path, advice } = problem;
    const place = placeOf(document, lines, problem);
    return `${source}${place}: ${path.length === 0 ? 'at the top' : path.join('.')}: ${advice}`;
  });
  throw new PlanError(described.join('\n'));
}

/** Of what the path names, or of the nearest that is there around it. */
function placeOf(document: Document, lines: LineCounter, { path }: PlanProblem): string {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (!isNode(node) || node.range == null) continue;
    const { line, col } = lines.linePos(node.range[0]);
    return `:${line}:${col}`;
  }
  return '';
}

/** @throws PlanError when these servers can't have some of it, or it asks more of them than they promise to bear. */
export function refuseImpossible(plan: Plan, facts: FieldFacts): void {
  const voters = facts.servers.filter(({ isObserver }) => !isObserver).length;
  const lines: string[] = [];
  const told = new Set<string>();
  for (const [path, step] of stepsOf(plan)) {
    const why = whyUnavailable(faultOf(step), facts);
    if (why !== null && !told.has(why)) lines.push(`${path}: unavailable: ${why}`);
    told.add(why ?? '');
  }
  const together = whyNotTogether(stepsOf(plan).map(([, step]) => faultOf(step)));
  if (together !== null) lines.push(together);
  const clash = firstClash(plan.steps, voters);
  if (clash !== null) {
    const at = plan.steps[clash.index]?.atMs ?? 0;
    lines.push(
      `steps.${clash.index} (at ${at} ms): ${clash.why}; let the earlier ones end before, or leave it out`,
    );
  }
  if (lines.length > 0)
    throw new PlanError(`the plan can't be played on these servers:\n${lines.join('\n')}`);
}

function stepsOf({ steps, quorumAlone }: Plan): [path: string, step: { readonly fault: string }][] {
  const all = steps.map((step, index): [string, { readonly fault: string }] => [`steps.${index}`, step]);
  return quorumAlone === null ? all : [...all, ['quorumAlone', quorumAlone]];
}
