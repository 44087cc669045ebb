import { type Answer, listIn, textIn } from './admin-api.ts';
import { element, setText, showNote, showTable } from './dom.ts';

/** Who this server is, and who belongs to its ensemble, from the command `overview`. */
export function showOverview(overview: Answer): void {
  const isServing = overview['is_serving'] === true;
  const id = textIn(overview, 'server_id');
  const members = listIn(overview, 'members');
  const name = members.length === 0 ? 'Stand-alone server' : `Server ${id}`;
  setText('who', name);
  document.title = `${name} · Stampede`;
  setText('role', isServing ? textIn(overview, 'server_state') : 'not serving');
  document.getElementById('role')?.setAttribute('data-tone', isServing ? 'good' : 'bad');
  setText('version', textIn(overview, 'version'));
  setText('figure-zxid', textIn(overview, 'last_zxid'));
  if (members.length === 0) {
    showNote('members', 'This server stands alone.');
    return;
  }
  showTable('members', {
    caption: 'Members, as this server knows them',
    headings: ['Server', 'Role', 'Quorum address', 'Client address'],
    rows: members.map((member) => [
      textIn(member, 'id') === id ? element('b', {}, `${id} (this one)`) : textIn(member, 'id'),
      textIn(member, 'role'),
      textIn(member, 'quorum_address'),
      textIn(member, 'client_address') || '–',
    ]),
  });
}
