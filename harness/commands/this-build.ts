import { fileURLToPath } from 'node:url';

/** Of the working copy that this is the compiled code of. */
export const PROJECT_DIRECTORY = fileURLToPath(new URL('../../..', import.meta.url));

/** The harness that is running. */
export const OWN_MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
