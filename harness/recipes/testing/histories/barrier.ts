import { barrier } from '../../barrier.ts';
import { badBarriers } from './barrier-bad.ts';
import { goodBarriers } from './barrier-good.ts';
import type { Histories } from './histories.ts';

export const barrierHistories: Histories = {
  recipe: barrier,
  before: '8 create round-0',
  good: goodBarriers,
  bad: badBarriers,
};
