import { z } from 'zod';
import { REPORT_SCHEMA, reportSchema } from './report-schema.ts';
import type { Report, ReportInput } from './report-schema.ts';

/** Why a file is not a report we can draw: broken, somebody else's, or written by a newer Stampede. */
export type ReportErrorCode = 'corrupt' | 'foreign' | 'newer-schema';

export class ReportError extends Error {
  readonly code: ReportErrorCode;

  constructor(code: ReportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ReportError';
    this.code = code;
  }
}

/** Reads the text of a `report.json`. Throws `ReportError`, whose message is fit for a user. */
export function parseReport(text: string): Report {
  const json = parseJson(text);
  refuseOtherSchemas(json);
  const result = reportSchema.safeParse(json);
  if (!result.success) {
    throw new ReportError('corrupt', `not a valid report: ${z.prettifyError(result.error)}`, {
      cause: result.error,
    });
  }
  return result.data;
}

/** The text of a `report.json`. Throws `ZodError` for a value the schema refuses: that is a bug of ours. */
export function formatReport(report: ReportInput): string {
  return `${JSON.stringify(reportSchema.parse(report))}\n`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ReportError('corrupt', 'not JSON (cut short, or not a report)', { cause });
  }
}

function refuseOtherSchemas(json: unknown): void {
  const schema =
    typeof json === 'object' && json !== null && 'schema' in json && typeof json.schema === 'string'
      ? json.schema
      : '';
  if (schema === REPORT_SCHEMA) return;
  const version = /^stampede\.report\/(\d+)$/.exec(schema)?.[1];
  if (version === undefined) {
    throw new ReportError('foreign', `not a Stampede report: no "schema": "${REPORT_SCHEMA}" in it`);
  }
  throw new ReportError(
    'newer-schema',
    `written by a newer Stampede (schema ${schema}, this one reads ${REPORT_SCHEMA}): draw it with that version`,
  );
}
