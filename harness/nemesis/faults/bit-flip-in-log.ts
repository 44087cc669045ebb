import { bitFlipFault } from './bit-flip.ts';

export const bitFlipInLog = bitFlipFault({ name: 'bit-flip-in-log', kind: 'log' });
