/**
 * Seeds that once showed a bug, with what it was. What a seed does changes with the code, so a seed is no test of
 * its bug for ever (that stands beside the code it was in); running them again costs little and has found things.
 */
export const KNOWN_SEEDS: ReadonlyMap<number, string> = new Map([
  [20_009, 'blank servers took a blank leader for one with a history, and no epoch was ever accepted'],
  [20_015, 'the same, with two of three'],
  [20_018, 'the same, with five servers'],
  [20_002, 'a learner that came while nothing was written owed an ack for ever, and was sent away'],
  [70_058, 'the epoch of a leader that died before it led, and a later one that nobody led'],
  [
    1_000_810,
    'a learner was served from after its role had ended, in the same turn, and the process died of it',
  ],
  [
    30_000_008,
    'a snapshot from the leader was damaged before the older ones were gone, and the start went back to them',
  ],
  [2_005_198, 'the same of a leader'],
  [2_007_600, 'a leader that led no more told a client that its session, made by the next one, had expired'],
  [6_006_441, 'a TRUNC whose flush had failed came back with a power cut'],
  [7_001_754, 'who could not go back to where its leader would have it did not count for it'],
  [8_006_664, 'the same, with a history that was the leader’s own'],
  [7_001_806, 'a bit flipped in a log that had been cut was taken for a torn write'],
  [8_009_053, 'a replaced disk that had promised an epoch voted for one that lacked a committed txn'],
  [6_001_517, 'a connection to a process that was no more kept a voter out of the ensemble'],
  [249, 'a snapshot without its epoch on a disk that was replaced counted in an election'],
  [4_004_298, 'the header of an empty log was never on the disk, and the next log followed it'],
  [1_002_431, 'a second snapshot began before the first had its name, and came up again after a TRUNC'],
  [
    1_004_446,
    'a session came back to the follower that still held its old connection, whose requests went last',
  ],
  [50_000_123, 'a write asked for behind a sync was committed with what was before it, and never answered'],
  [
    53_000_327,
    'an older snapshot stood in for a damaged one from the leader, with a later epoch’s log behind it',
  ],
  [5_004, 'the epoch of a leader that died before it led was taken for a history'],
  [
    91_000_335,
    'a server that was taken out of the configuration could not be called back, and followed nobody',
  ],
  [94_000_206, 'what was proposed while a server left waited for its ack for ever'],
  [95_000_625, 'a learner that came while a change was under way took the new configuration for committed'],
  [97_000_502, 'a log whose header had come to the disk in part was taken for a damaged one'],
  [97_001_880, 'a voter of a configuration that is proposed was in a later round, and nobody came to it'],
  [
    110_004_917,
    'a voter of a configuration that is proposed observed, and was not counted as what it was to be',
  ],
  [110_006_448, 'a leader led alone, left by its followers while the configuration went to its disk'],
  [
    200_009_301,
    'a power cut in a batch of which the disk had taken a part left half a sector, and was taken for damage',
  ],
  [
    240_005_116,
    'a disk was replaced while another server still took its voters for the only two, which nobody survives',
  ],
  [490_225_920, 'a client that had just asked for the end of its session was taken to keep it'],
]);
