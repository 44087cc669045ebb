import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const AUTH = 'org.apache.zookeeper.server.auth';
const JAAS = `Server {
  ${AUTH}.DigestLoginModule required
    user_super="adm1n" user_root="r00t" user_bob="s3cret" user_ann="0ther";
};
`;

/** A JAAS file in `directory`, and the zoo.cfg of servers that let those users in. */
export function saslConfig(directory: string): {
  readonly jaas: string;
  readonly config: Record<string, string>;
} {
  const jaas = join(directory, 'jaas.conf');
  writeFileSync(jaas, JAAS);
  return {
    jaas,
    config: {
      'authProvider.1': `${AUTH}.SASLAuthenticationProvider`,
      'authProvider.2': `${AUTH}.EnsembleAuthenticationProvider`,
      ensembleAuthName: 'ours,nearby',
      superUser: 'root',
      letAnySaslUserDoX: 'any',
      'admin.enableServer': 'false',
    },
  };
}
