/** Every four-letter word Apache knows (protocol §6.1). */
export const COMMAND_WORDS: ReadonlySet<string> = new Set(
  'conf cons crst dirs dump envi gtmk hash isro mntr ruok srst srvr stat stmk wchc wchp wchs'.split(' '),
);
