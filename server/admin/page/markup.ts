import { scrollBox } from './scroll-box.ts';
import { type ZnodeAccess, znodesMarkup } from './znodes-markup.ts';

interface Named {
  readonly id: string;
  readonly label: string;
}

const FIGURES: readonly Named[] = [
  { id: 'figure-uptime', label: 'Up for' },
  { id: 'figure-followers', label: 'Followers in step' },
  { id: 'figure-connections', label: 'Connections here' },
  { id: 'figure-sessions', label: 'Sessions' },
  { id: 'figure-outstanding', label: 'Requests waiting' },
  { id: 'figure-znodes', label: 'Znodes' },
  { id: 'figure-ephemerals', label: 'Ephemeral znodes' },
  { id: 'figure-watches', label: 'Watches' },
  { id: 'figure-data', label: 'Paths and data' },
  { id: 'figure-zxid', label: 'Last zxid' },
];

/**
 * The page as it is before its script has asked for anything: nothing in it is of this server or of a client, so there is
 * nothing to escape. All strings are of this file.
 */
export function markup(znodes: ZnodeAccess): string {
  return `<header>
<h1 id="who">Stampede</h1><span id="role">…</span><span id="status" role="status">asking</span>
<button id="theme" type="button">Light or dark</button>
</header>
<noscript><p class="trouble">This page asks the server by a script; without one, see the commands it answers.</p></noscript>
<nav aria-label="Sections">
<a href="#ensemble">Ensemble</a><a href="#load">Load</a><a href="#sessions">Sessions</a><a href="#watches">Watches</a><a href="#znodes">Znodes</a>
</nav>
<main>
<section id="ensemble"><h2>Ensemble</h2>
${scrollBox('members', 'Members of the ensemble')}
</section>
<section id="load"><h2>Load</h2>
<dl class="figures">${FIGURES.map(({ id, label }) => `<div><dt>${label}</dt><dd id="${id}">–</dd></div>`).join('')}</dl>
<p class="note">Requests and their latency, second by second. A latency is the mean of what ended in that second; the server
counts whole milliseconds, as Apache’s does.</p>
<div class="charts">
${chart('chart-throughput', 'Requests a second', [
  { id: 'rate-reads', label: 'reads' },
  { id: 'rate-writes', label: 'writes' },
])}
${chart('chart-latency', 'Latency', [
  { id: 'latency-reads', label: 'reads' },
  { id: 'latency-writes', label: 'writes' },
  { id: 'latency-flushes', label: 'flushes of the log' },
])}
</div>
</section>
<section id="sessions"><h2>Sessions</h2>
<div class="bar"><button id="sessions-ask" type="button">Show the connections of this server</button></div>
${scrollBox('sessions-list', 'Connections and their sessions')}
</section>
<section id="watches"><h2>Watches</h2>
<div class="bar"><button id="watches-ask" type="button">Show who watches which path</button></div>
${scrollBox('watches-list', 'Watched paths')}
</section>
${znodesMarkup(znodes)}
</main>
<footer id="version"></footer>`;
}

function chart(id: string, title: string, lines: readonly Named[]): string {
  const legend = lines
    .map((line, index) => `<div><dt class="line-${index}">${line.label}</dt><dd id="${line.id}">–</dd></div>`)
    .join('');
  return `<figure><figcaption>${title}</figcaption><p><span id="${id}-top"></span></p>
<svg id="${id}" role="img"></svg>
<p><span>2 min ago</span><span>now</span></p><dl class="legend">${legend}</dl></figure>`;
}
