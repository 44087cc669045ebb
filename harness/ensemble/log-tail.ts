const LINES = 20;
/** What an Apache server makes of being asked whether it is there, again and again. */
const OUR_OWN_QUESTION = /Processing srvr command from/;

/** The end of what a server has printed, without what it says of our own questions. */
export function endOfLog(text: string): string {
  const lines = text.trim().split('\n');
  return lines
    .filter((line) => !OUR_OWN_QUESTION.test(line))
    .slice(-LINES)
    .join('\n');
}
