import { Document } from 'yaml';
import type { PlanDocument } from './plan.ts';

/** What would end a comment's line, or is not allowed in YAML. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\uFEFF\uFFFE\uFFFF]/gu;

/** As YAML that `readPlan` reads, with these lines of comment on top. */
export function formatPlan({ plan, run }: PlanDocument, comment: readonly string[]): string {
  const { schema, ...rest } = plan;
  const document = new Document({ schema, ...(run !== null && { run }), ...rest });
  document.commentBefore = comment.map((line) => ` ${line.replaceAll(UNPRINTABLE, '?')}`).join('\n');
  return document.toString({ lineWidth: 0 });
}
