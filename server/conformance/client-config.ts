/** What a server must be configured with for the clients' cases; lines of a zoo.cfg. */
export const CLIENT_CONFIG: Readonly<Record<string, string>> = {
  tickTime: '500',
  maxClientCnxns: '0',
  maxSessionTimeout: '60000',
  '4lw.commands.whitelist': '*',
  extendedTypesEnabled: 'true',
  'admin.enableServer': 'false',
};
