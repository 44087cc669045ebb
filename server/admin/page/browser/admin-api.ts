import { parseBigJson } from './big-json.ts';

export type Answer = Readonly<Record<string, unknown>>;

const commandUrl = document.querySelector<HTMLMetaElement>('meta[name=commands]')?.content ?? '';

/**
 * What the AdminServer answers to a command. Nothing is sent that the browser may have kept.
 *
 * @throws Error with what is wrong, in words for who looks at the page.
 */
export async function askAdmin(command: string): Promise<Answer> {
  const response = await fetch(`${commandUrl}/${command}`, { credentials: 'omit', cache: 'no-store' });
  const text = await response.text();
  if (!response.ok) throw new Error(text.trim() || `the server answers with ${response.status}`);
  const answer = parseBigJson(text) as Answer;
  const { error } = answer;
  if (typeof error === 'string') throw new Error(error);
  return answer;
}

export function numberIn(answer: Answer, name: string): number {
  const value = answer[name];
  return typeof value === 'number' ? value : Number(value ?? 0);
}

export function textIn(answer: Answer, name: string): string {
  const value = answer[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

export function listIn(answer: Answer, name: string): readonly Answer[] {
  const value = answer[name];
  return Array.isArray(value) ? (value as Answer[]) : [];
}

export function listOfTexts(answer: Answer, name: string): readonly string[] {
  const value = answer[name];
  return Array.isArray(value) ? value.map(String) : [];
}
