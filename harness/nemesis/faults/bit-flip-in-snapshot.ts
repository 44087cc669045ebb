import { bitFlipFault } from './bit-flip.ts';

export const bitFlipInSnapshot = bitFlipFault({ name: 'bit-flip-in-snapshot', kind: 'snapshot' });
