import type { RunFile } from '../history/run-file.ts';
import { type RunDirectory, serverDirectory, serverIds, transcriptFiles } from '../history/run-directory.ts';
import type { CheckerResult } from '../history/verification.ts';
import { playedIn, type RecipeNote } from '../recipes/recipe-note.ts';
import { RECIPES } from '../recipes/recipes.ts';
import { committedHistory } from '../transcript/committed-history.ts';
import type { Happening } from '../transcript/happening.ts';
import { happeningsIn } from '../transcript/happenings.ts';
import { judgeTranscript } from '../transcript/judge-transcript.ts';
import { readServerLog } from '../transcript/server-log.ts';
import { readTranscript } from '../transcript/transcript-reader.ts';
import { describeExchange, FindingLog } from './finding-log.ts';
import { markOf } from './mark.ts';
import { type Surroundable, withSurroundings } from './surroundings.ts';

/**
 * Judges what the clients of a recipe were told: by the recipe's own check, and where the servers' logs are there, by what
 * they have committed.
 *
 * @throws TranscriptError or StorageError for what cannot be read.
 */
export async function judgeRecipe(
  run: RunDirectory,
  { recipe: expected, hasApacheServers = false }: NonNullable<RunFile['verification']>,
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
    results.push(
      judgeTranscript({ happenings, isWhole, committed: committedHistory(logs), hasApacheServers }),
    );
  }
  const played = playedIn(happenings);
  if (played === null || (expected !== undefined && expected !== played.recipe))
    results.push(
      doubt('recipe', `the transcript is of ${played?.recipe ?? 'no recipe'}, and not of ${expected}`),
    );
  else results.push(checkBy(played, happenings));
  if (servers.length === 0 && played !== null && RECIPES.get(played.recipe)?.isForTheModelAlone === true)
    results.push(
      doubt('client-contract', 'there are no logs of the servers, which alone could tell what is right'),
    );
  return results.map((result) => withSurroundings(result, partsOf(happenings)));
}

function partsOf(happenings: readonly Happening[]): Surroundable {
  return {
    *opsIn({ clients, fromMs, toMs }) {
      for (const happening of happenings) {
        if (happening.type !== 'request' || !clients.has(happening.exchange.client)) continue;
        const op = describeExchange(happening.exchange);
        if (op.invokeMs <= toMs && Math.max(op.invokeMs, op.completeMs) >= fromMs) yield op;
      }
    },
    *marksIn({ clients, fromMs, toMs }) {
      for (const happening of happenings) {
        const mark = markOf(happening);
        if (mark !== null && clients.has(mark.process) && mark.atMs >= fromMs && mark.atMs <= toMs)
          yield mark;
      }
    },
  };
}

function checkBy({ recipe: name, root }: RecipeNote, happenings: readonly Happening[]): CheckerResult {
  const recipe = RECIPES.get(name);
  return recipe?.check({ happenings, root }) ?? doubt(name, `this version has no recipe called ${name}`);
}

function doubt(name: string, why: string): CheckerResult {
  const log = new FindingLog();
  log.unknown('not judged', why);
  return log.result({ name, opsChecked: 0, durationMs: 0 });
}
