import { scrollBox } from './scroll-box.ts';

/** What the page offers to do with znodes. What may be done is for ACLs to say, here as everywhere. */
export type ZnodeAccess = 'none' | 'read' | 'write';

export function znodesMarkup(access: ZnodeAccess): string {
  const body =
    access === 'none'
      ? '<p class="note">With <code>stampede.rest.enabled=true</code> in zoo.cfg they can be looked at here.</p>'
      : BROWSER + (access === 'write' ? EDITOR : '');
  return `<section id="znodes"><h2>Znodes</h2>${body}</section>`;
}

const BROWSER = `
<form id="identity" class="bar" autocomplete="off">
<label>User <input id="user" size="12"></label>
<label>Password <input id="password" type="password" size="12" autocomplete="off"></label>
<button id="identify" type="submit">Be this user</button>
<button id="forget" type="button">Be nobody</button>
<span id="whoami" class="note" role="status">You see what everybody may.</span>
</form>
<form id="place" class="bar">
<label class="wide">Path <input id="path" value="/" spellcheck="false"></label>
<button id="open" type="submit">Open</button>
<button id="up" type="button">Up</button>
</form>
<p id="znode-status" class="note" role="status"></p>
<div class="znode">
<div id="children"></div>
<div id="znode">
${scrollBox('znode-data', 'Data of the znode')}
${scrollBox('znode-stat', 'Stat of the znode')}
</div>
</div>`;

const EDITOR = `
<form id="editor" hidden>
<label for="edit">New data, as text</label>
<textarea id="edit" rows="4" spellcheck="false"></textarea>
<div class="bar">
<button id="set" type="submit">Set</button>
<label>Child <input id="child" size="12" spellcheck="false"></label>
<button id="create" type="button">Create it, open to all</button>
<button id="delete" type="button">Delete this znode</button>
</div>
</form>`;
