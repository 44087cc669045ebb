import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configReference } from './config-reference.ts';

const FILE = fileURLToPath(new URL('../../../docs/CONFIGURATION.md', import.meta.url));

writeFileSync(FILE, configReference());
