import type { Mutant } from '../../mutants/mutant.ts';
import { RECONFIG_MUTANTS } from './reconfig-mutants.ts';
import { SERVICE_MUTANTS } from './service-mutants.ts';
import { TESTED_MUTANTS } from './tested-mutants.ts';
import { STORAGE_MUTANTS } from './storage-mutants.ts';
import { ZAB_MUTANTS } from './zab-mutants.ts';

/** All planted bugs (reliability §6.9). A simulation that does not find them would not find others like them. */
export const MUTANTS: readonly Mutant[] = [
  ...STORAGE_MUTANTS,
  ...ZAB_MUTANTS,
  ...SERVICE_MUTANTS,
  ...RECONFIG_MUTANTS,
  ...TESTED_MUTANTS,
].sort((x, y) => x.id.localeCompare(y.id));
