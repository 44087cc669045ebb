import { parseServerConfig } from '../../config.ts';
import { ConfigError } from '../../config-error.ts';
import { recordedMemberships } from '../recordings.ts';
import { expecting, type FuzzTarget } from '../target.ts';

const FILES = [
  'tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/var/lib/zookeeper\nclientPort=2181\n',
  'dataDir=C\\:\\\\data\nclientPort 2181\n4lw.commands.whitelist = *\n# a comment\n! another\nkey\\\n  continued=\\u00e9\n',
  'dataDir=/d\nclientPort=1\nsnapCount=100\npreAllocSize=64\nskipACL=yes\nstampede.maxNodes=5\nssl.keyStore.password=x\n',
  ...recordedMemberships().map(
    (lines) => `dataDir=/d\ninitLimit=5\nsyncLimit=2\nclientPort=2181\n${lines}\n`,
  ),
];

/** A zoo.cfg of whatever content, and a `myid` beside it. */
export const zooConfig: FuzzTarget = {
  name: 'zoo-config',
  corpus: FILES.map((text) => new TextEncoder().encode(text)),
  run: (input) => {
    const text = Buffer.from(input).toString('utf8');
    const myId = String.fromCharCode(0x30 + ((input[0] ?? 0) % 12));
    expecting(ConfigError, () => {
      parseServerConfig(text, { file: 'zoo.cfg', cwd: '/', readFile: () => myId });
    });
  },
};
