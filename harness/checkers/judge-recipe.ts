import { type RunDirectory, serverDirectory, serverIds, transcriptFiles } from '../history/run-directory.ts';
import type { CheckerResult } from '../history/verification.ts';
import { RECIPES } from '../recipes/recipes.ts';
import { committedHistory } from '../transcript/committed-history.ts';
import { happeningsIn } from '../transcript/happenings.ts';
import { judgeTranscript } from '../transcript/judge-transcript.ts';
import { readServerLog } from '../transcript/server-log.ts';
import { readTranscript } from '../transcript/transcript-reader.ts';
import { FindingLog } from './finding-log.ts';

/**
 * Judges what the clients of a recipe were told: by the recipe's own check, and where the servers' logs are there, by what
 * they have committed.
 *
 * @throws TranscriptError or StorageError for what cannot be read.
 */
export async function judgeRecipe(
  run: RunDirectory,
  played: { readonly name: string; readonly root: string } | undefined,
): Promise<CheckerResult[]> {
  const [file] = transcriptFiles(run);
  if (file === undefined)
    return [doubt('transcript', 'the run was to leave a transcript, and has left none')];
  const { records, isWhole } = readTranscript(file);
  const happenings = happeningsIn(records);
  const results: CheckerResult[] = [];
  const servers = serverIds(run);
  if (servers.length > 0) {
    const logs = await Promise.all(servers.map((id) => readServerLog(id, serverDirectory(run, id).data)));
    results.push(judgeTranscript({ happenings, isWhole, committed: committedHistory(logs) }));
  }
  const recipe = played && RECIPES.get(played.name);
  if (played !== undefined && recipe === undefined)
    results.push(doubt(played.name, `this version has no recipe called ${played.name}`));
  if (played !== undefined && recipe !== undefined)
    results.push(recipe.check({ happenings, root: played.root }));
  return results;
}

function doubt(name: string, why: string): CheckerResult {
  const log = new FindingLog();
  log.unknown('not judged', why);
  return log.result({ name, opsChecked: 0, durationMs: 0 });
}
