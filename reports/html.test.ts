import t from 'tap';
import { escapeHtml, html, jsonForScript } from './html.ts';

await t.test('a string is escaped in a text and in an attribute', async (t) => {
  const name = `"><b>'&\``;
  const { text } = html`<i title="${name}">${name}</i>`;
  t.equal(text, `<i title="${escapeHtml(name)}">${escapeHtml(name)}</i>`);
  t.notMatch(text, '<b>');
  t.notMatch(text.slice(10, 30), '"><');
});

await t.test('html in html is put in as it is, lists are joined, and null is nothing', async (t) => {
  const items = ['a', '<'].map((item) => html`<li>${item}</li>`);
  const { text } = html`<ul>
    ${items}${null}${3}
  </ul>`;
  t.equal(text.replace(/\s/g, ''), '<ul><li>a</li><li>&#60;</li>3</ul>');
});

await t.test('JSON for a script has no way out of the script, and is still the same JSON', async (t) => {
  const value = { a: '</script><!--<script>', b: [1, null] };
  const text = jsonForScript(value);
  t.notMatch(text, '<');
  t.same(JSON.parse(text), value);
});
