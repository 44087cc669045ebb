/** Our environment without what a test runner puts there for its own children: a loader, above all. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env };
  for (const name of Object.keys(environment)) {
    if (name === 'NODE_OPTIONS' || /^_?TAP/.test(name)) delete environment[name];
  }
  return environment;
}
