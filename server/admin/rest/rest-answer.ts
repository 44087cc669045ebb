import type { HttpAnswer } from '../http/http-endpoint.ts';
import type { HttpRequest } from '../http/http-request.ts';
import { jsonText, type JsonValue } from '../http/json-text.ts';
import { RestError } from './rest-error.ts';

/** In which of the two forms of SPEC.txt that are offered a client wants to be answered. */
export type AnswerForm = 'json' | 'octets';

const FORMS: ReadonlyMap<string, AnswerForm> = new Map([
  ['*/*', 'json'],
  ['application/*', 'json'],
  ['application/json', 'json'],
  ['application/octet-stream', 'octets'],
]);

/** The first that is offered of those in `Accept`. @throws RestError if none is. */
export function formWanted({ headers: { accept = '*/*' } }: HttpRequest): AnswerForm {
  for (const range of accept.split(',')) {
    const form = FORMS.get((range.split(';')[0] ?? '').trim().toLowerCase());
    if (form !== undefined) return form;
  }
  throw new RestError(406, 'answers are application/json or application/octet-stream');
}

export function jsonAnswer(
  status: number,
  fields: Readonly<Record<string, JsonValue>>,
  headers: HttpAnswer['headers'] = {},
): HttpAnswer {
  return { status, headers, contentType: 'application/json', body: jsonText(fields) };
}

export function octetAnswer(
  status: number,
  bytes: Uint8Array,
  headers: HttpAnswer['headers'] = {},
): HttpAnswer {
  return { status, headers, contentType: 'application/octet-stream', body: [bytes] };
}

export function emptyAnswer(status: number): HttpAnswer {
  return { status, contentType: null, body: [] };
}

/** Of a resource as clients reach it: whatever name they have for this server. */
export function uriOf(
  { headers: { host = 'localhost' } }: HttpRequest,
  ...segments: readonly string[]
): string {
  return `http://${host}${segments.join('')}`;
}
