import t from 'tap';
import { JaasSyntaxError, parseJaas } from './jaas-file.ts';

const DIGEST = 'org.apache.zookeeper.server.auth.DigestLoginModule';

await t.test('sections are read with their modules, options, comments and escapes', (t) => {
  const text = `// who may come in
Server {
  ${DIGEST} required
    user_bob="p;w\\"\\\\ #1" /* not
    user_eve="x" */ user_ann='no';
};`;
  t.throws(() => parseJaas(text), JaasSyntaxError, 'single quotes are none');
  const sections = parseJaas(`${text.replace("'no'", '"\\101\\tB"')}
Client{com.sun.security.auth.module.Krb5LoginModule Optional useKeyTab=true keyTab="/k";a.B REQUIRED;};
Empty {};
`);
  t.same([...sections.keys()], ['Server', 'Client', 'Empty']);
  t.same(sections.get('Server'), [
    {
      className: DIGEST,
      line: 3,
      options: new Map([
        ['user_bob', 'p;w"\\ #1'],
        ['user_ann', 'A\tB'],
      ]),
    },
  ]);
  t.match(sections.get('Client'), [
    {
      line: 7,
      options: new Map([
        ['useKeyTab', 'true'],
        ['keyTab', '/k'],
      ]),
    },
    { className: 'a.B', options: new Map() },
  ]);
  t.same(parseJaas(' // nothing'), new Map());
  t.end();
});

await t.test('what is no such file is refused with its line, and without a word of it', (t) => {
  const wrong: readonly (readonly [text: string, line: number])[] = [
    ['Server', 1],
    ['Server {\n', 2],
    [`Server {\n${DIGEST} user_bob="s3cret";\n};`, 2],
    [`Server {\n${DIGEST} required\nuser_bob="s3cret\n";\n};`, 3],
    [`Server {\n${DIGEST} required\nuser_bob "s3cret";\n};`, 3],
    [`Server {\n${DIGEST} required\nuser_bob=s3cret!;\n};`, 3],
    [`Server {\n${DIGEST} required\nuser_bob=12345;\n};`, 3],
    [`Server {\n${DIGEST} required\nuser_bob="\${s3cret}";\n};`, 3],
    [`Server {\n${DIGEST} required user_bob="s3cret"\n};`, 3],
    [`Server {\n${DIGEST} required user_bob="s3cret";\n}`, 3],
    ['A {\n};\nA {\n};', 3],
    ['/* never\nclosed', 1],
  ];
  for (const [text, line] of wrong) {
    try {
      parseJaas(text);
      t.fail(text);
    } catch (error) {
      if (!(error instanceof JaasSyntaxError)) throw error;
      t.equal(error.line, line, text);
      t.notMatch(error.message, /s3cret|12345/);
    }
  }
  t.end();
});
