/** The page's colours: `[light, dark]`, each pair with a contrast of at least 4.5 where it carries text. */
const COLOURS: Readonly<Record<string, readonly [string, string]>> = {
  paper: ['#ffffff', '#12151a'],
  panel: ['#f6f7f9', '#191d24'],
  ink: ['#1a1e24', '#e6e9ee'],
  muted: ['#59636f', '#98a3b1'],
  rule: ['#e2e6eb', '#2a313b'],
  accent: ['#1d5bb8', '#7fb2ff'],
  good: ['#12703a', '#74d69a'],
  'good-paper': ['#e3f4e9', '#12301f'],
  bad: ['#b4211f', '#ff8f87'],
  'bad-paper': ['#fbe8e7', '#3b1918'],
  warn: ['#855000', '#f2bd63'],
  'warn-paper': ['#fdf1d8', '#33270f'],
  plain: ['#59636f', '#98a3b1'],
  'plain-paper': ['#eceff2', '#232932'],
  'band-rest': ['#eef0f3', '#1d222a'],
  'band-fault': ['#fae3e1', '#3a1d1e'],
  'band-recovery': ['#fcf1da', '#322a18'],
  'series-0': ['#1d5bb8', '#6ea8ff'],
  'series-1': ['#c2410c', '#ff9d5c'],
  'series-2': ['#0f766e', '#4fd1c0'],
  'series-3': ['#8b2fa1', '#d08ff0'],
  'series-4': ['#93650a', '#e6c04d'],
  'series-5': ['#be185d', '#ff86b7'],
  'series-6': ['#4d7c0f', '#a3d65c'],
  'series-7': ['#64748b', '#8fa0b5'],
};

function variables(theme: 0 | 1): string {
  const lines = Object.entries(COLOURS).map(([name, pair]) => `--${name}:${pair[theme]}`);
  return `color-scheme:${theme === 0 ? 'light' : 'dark'};${lines.join(';')}`;
}

/** The reader's system decides, the button on the page overrules it, and paper is always light. */
const THEMES = `
:root{${variables(0)}}
@media (prefers-color-scheme:dark){:root{${variables(1)}}}
:root[data-theme=light]{${variables(0)}}
:root[data-theme=dark]{${variables(1)}}
@media print{:root,:root[data-theme]{${variables(0)}}}
`;

/** Arms of a comparison: a colour each, as dots and as lines. */
const ARMS = Array.from(
  { length: 8 },
  (_, arm) =>
    `.rounds .arm-${arm}{fill:var(--series-${arm})}.courses .arm-${arm}{stroke:var(--series-${arm})}`,
).join('\n');

const PAGE = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
.page{max-width:1080px;margin:0 auto;padding:0 24px 64px}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
.top{display:flex;align-items:center;gap:12px;padding:18px 0;border-bottom:1px solid var(--rule);color:var(--muted);font-size:13px}
.top b{color:var(--ink);letter-spacing:.01em}
.top .run{overflow-wrap:anywhere;flex:1}
#theme{display:none;font:inherit;color:var(--ink);background:none;border:1px solid var(--rule);border-radius:6px;padding:4px 10px;cursor:pointer;white-space:nowrap}
.has-script #theme{display:block}
#theme:hover{background:var(--panel)}
h1{font-size:clamp(26px,4.4vw,38px);line-height:1.15;letter-spacing:-.02em;font-weight:650;margin:14px 0 0;overflow-wrap:anywhere}
.subject{color:var(--muted);margin:6px 0 0;overflow-wrap:anywhere}
.sentence{font-size:clamp(17px,2.2vw,20px);line-height:1.45;margin:18px 0 0;max-width:52em;overflow-wrap:anywhere}
header{padding:34px 0 8px}
.badge{display:inline-block;max-width:100%;font-size:12px;line-height:1.4;font-weight:650;letter-spacing:.05em;text-transform:uppercase;padding:3px 10px;border-radius:99px;overflow-wrap:anywhere}
td .badge{font-size:11px;padding:1px 8px}
.badge.good{color:var(--good);background:var(--good-paper)}
.badge.bad{color:var(--bad);background:var(--bad-paper)}
.badge.warn{color:var(--warn);background:var(--warn-paper)}
.badge.plain{color:var(--plain);background:var(--plain-paper)}
.notice{margin:20px 0 0;padding:12px 16px;border-left:3px solid var(--warn);background:var(--warn-paper);border-radius:0 6px 6px 0;overflow-wrap:anywhere}
.notice.bad{border-color:var(--bad);background:var(--bad-paper)}
.notice p{margin:0}.notice ul{margin:4px 0 0;padding-left:20px}
.figures{display:flex;flex-wrap:wrap;gap:1px;margin:28px 0 0;background:var(--rule);border:1px solid var(--rule);border-radius:10px;overflow:hidden}
.figures div{flex:1 1 22%;background:var(--paper);padding:14px 18px;min-width:0}
.figures dt{font-size:12.5px;color:var(--muted)}
.figures dd{margin:2px 0 0;font-size:25px;line-height:1.2;font-weight:600;letter-spacing:-.015em;overflow-wrap:anywhere}
.figures dd small{font-size:13px;font-weight:450;color:var(--muted);letter-spacing:0}
.figures .bad dd{color:var(--bad)}.figures .good dd{color:var(--good)}.figures .warn dd{color:var(--warn)}
nav{margin:22px 0 0;font-size:13.5px;display:flex;flex-wrap:wrap;gap:4px 18px}
nav a{text-decoration:none}nav a:hover{text-decoration:underline}
section{margin-top:46px}
h2{overflow-wrap:anywhere;font-size:20px;letter-spacing:-.01em;font-weight:650;margin:0 0 4px;padding-top:18px;border-top:1px solid var(--rule)}
h3{font-size:15px;font-weight:650;margin:26px 0 4px}
.lede{color:var(--muted);margin:0 0 12px;max-width:62em;font-size:14px}
.note{color:var(--muted);font-size:13px;margin:8px 0 0;max-width:62em}
.scroll{overflow-x:auto;margin:14px 0 0}
.scroll table{border-collapse:collapse;width:100%;font-size:13.5px}
.hidden{position:absolute;width:1px;height:1px;padding:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
caption.shown{text-align:left;font-weight:600;padding:0 0 6px;font-size:14px}
.scroll th,.scroll td{padding:6px 12px;border-bottom:1px solid var(--rule);vertical-align:top;white-space:nowrap;font-weight:400}
.scroll th:first-child,.scroll td:first-child{padding-left:0}
.scroll thead th{color:var(--muted);font-size:12.5px;border-bottom-color:var(--muted)}
.scroll tbody th{font-weight:550}
.scroll tbody tr:hover{background:var(--panel)}
.wrap{white-space:normal;min-width:14em;overflow-wrap:anywhere}
.left{text-align:left}.right{text-align:right}
figure{margin:18px 0 0}
figcaption{overflow-wrap:anywhere;font-weight:600;font-size:14px;margin-bottom:6px}
figcaption span{font-weight:400;color:var(--muted)}
.chart{width:100%;min-width:0;overflow:hidden}
html:not(.has-script) .chart-figure{display:none}
.plot svg{display:block;width:100%;height:236px}.plot text{font-size:11px;fill:var(--muted)}.plot text.x{text-anchor:middle}
.plot .grid{stroke:var(--rule)}.plot .mark{stroke:var(--ink);stroke-dasharray:4 3}.plot .s0{stroke:var(--series-0);fill:var(--series-0)}.plot .s2{stroke:var(--series-2);fill:var(--series-2)}
.plot g line{stroke-width:2}.plot circle{stroke:var(--paper);stroke-width:1}.plot circle.good{fill:var(--good)}.plot circle.bad{fill:var(--bad)}.plot circle.warn{fill:var(--warn)}
.keys .s0{background:var(--series-0)}.keys .s2{background:var(--series-2)}.keys .mark{height:0;border-top:2px dashed var(--ink);vertical-align:middle}
.events{list-style:none;margin:12px 0 0;padding:0;font-size:13px;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(300px,100%),1fr));gap:4px 24px}
.events li{display:flex;gap:8px;align-items:baseline;min-width:0}
.events .number{flex:none;min-width:18px;height:18px;padding:0 4px;border-radius:9px;background:var(--muted);color:var(--paper);font-size:11px;line-height:18px;font-weight:650;text-align:center}
.events .fault .number{background:var(--bad)}
.events time{color:var(--muted);flex:none}
.events .label{overflow-wrap:anywhere}
.strip{display:grid;grid-template-columns:minmax(0,12.5em) minmax(0,1fr);gap:10px;align-items:center;font-size:12.5px;line-height:1.5}
.strip span{color:var(--muted);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.strip svg{display:block;width:100%}
.strip text{font-size:11px;fill:var(--bad)}
.strip .band{fill:var(--band-fault)}
.lanes .ok{fill:var(--good-paper);stroke:var(--good);background:var(--good-paper)}.lanes .fail{fill:var(--warn-paper);stroke:var(--warn);background:var(--warn-paper)}.lanes .info{fill:var(--plain-paper);stroke:var(--plain);stroke-dasharray:3 2;background:var(--plain-paper)}
.lanes .own{stroke:var(--bad);stroke-width:2.5;border:2px solid var(--bad)}.lanes .mark.event{fill:var(--series-3);background:var(--series-3)}.lanes .mark.connected{fill:var(--good);background:var(--good)}.lanes .mark.lost{fill:var(--warn);background:var(--warn)}.lanes .mark.expired{fill:var(--bad);background:var(--bad)}.lanes text{fill:var(--ink)}.lanes .number{font-weight:700;fill:var(--bad);stroke:var(--paper);stroke-width:3;paint-order:stroke}.lanes .strip+.strip{margin-top:6px}
.anomaly .steps{display:flex;gap:18px;font-size:13px}.anomaly:target{outline:2px solid var(--accent);outline-offset:4px}
.strip .full{fill:var(--good)}.strip .most{fill:var(--series-4)}.strip .some{fill:var(--series-1)}.strip .none{fill:var(--bad)}
.strip .leader{fill:var(--series-0)}.strip .follower{fill:var(--series-7)}.strip .observer{fill:var(--series-3)}.strip .standalone{fill:var(--series-2)}.strip .nobody{fill:var(--rule)}
.strip.axis text{fill:var(--muted)}.rounds,.courses{margin-top:26px}.rounds svg,.courses svg{overflow:visible}.rounds .median{stroke:var(--ink);stroke-width:2}.rounds circle{fill-opacity:.6}.courses polyline{fill:none;stroke-opacity:.55}.courses .fault{stroke:var(--bad)}.courses .strip svg[viewBox]{border-bottom:1px solid var(--rule)}
${ARMS}
.trend{margin-top:26px}.trend svg{display:block;width:100%;overflow:visible}.trend .grid{stroke:var(--rule)}.trend text{font-size:11px;fill:var(--muted)}.trend .course{stroke:var(--series-0);stroke-width:1.5}.trend .range{stroke:var(--series-0);stroke-opacity:.4;stroke-width:5}.trend circle{fill:var(--series-0)}.trend circle.bad{fill:var(--paper);stroke:var(--bad);stroke-width:2}
.sentences{margin:10px 0 0;padding-left:18px;font-size:13.5px;max-width:62em}
.keys{list-style:none;margin:10px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:2px 16px;font-size:12.5px;color:var(--muted)}
.keys i{display:inline-block;width:14px;height:8px;margin-right:6px}
.keys .full{background:var(--good)}.keys .most{background:var(--series-4)}.keys .some{background:var(--series-1)}.keys .none{background:var(--bad)}
.keys .leader{background:var(--series-0)}.keys .follower{background:var(--series-7)}.keys .observer{background:var(--series-3)}.keys .standalone{background:var(--series-2)}.keys .nobody{background:var(--rule)}
details{margin:14px 0 0}
summary{cursor:pointer;color:var(--accent);font-size:14px;overflow-wrap:anywhere}
details.anomalies{border:1px solid var(--rule);border-left:3px solid var(--warn);border-radius:0 8px 8px 0;padding:10px 14px}
details.anomalies.bad{border-left-color:var(--bad)}
details.anomalies summary{color:var(--ink);font-weight:600}
.anomaly{margin:12px 0 0}.anomaly p{margin:0;overflow-wrap:anywhere}.anomaly .scroll{margin:4px 0 0}
pre{margin:0;padding:10px 12px;background:var(--panel);border-radius:6px;overflow-x:auto;line-height:1.5}
.command{white-space:pre-wrap;overflow-wrap:anywhere}
.definitions{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(300px,100%),1fr));gap:0 32px;margin:12px 0 0;font-size:13.5px}
.definitions div{display:flex;justify-content:space-between;gap:16px;padding:6px 0;border-bottom:1px solid var(--rule);min-width:0}
.definitions dt{color:var(--muted);flex:none;max-width:66%;overflow-wrap:anywhere}
.definitions dd{margin:0;text-align:right;overflow-wrap:anywhere;min-width:0}
.steps{list-style:none;margin:14px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:0}
.steps li{flex:1 1 120px;padding:8px 14px 8px 0;border-top:2px solid var(--rule);position:relative;font-size:13px;color:var(--muted)}
.steps li::before{content:"";position:absolute;top:-6px;left:0;width:10px;height:10px;border-radius:50%;background:var(--muted)}
.steps li:first-child::before{background:var(--bad)}
.steps li:last-child::before{background:var(--good)}
.steps b{display:block;color:var(--ink);font-size:16px;font-weight:600}
footer{margin-top:56px;padding-top:16px;border-top:1px solid var(--rule);font-size:13px;color:var(--muted);overflow-wrap:anywhere}
.u-legend{font-size:12.5px!important;text-align:left!important;color:var(--ink);width:auto}
.u-legend th{font-weight:400!important;color:var(--muted)}
.u-legend .u-marker{width:12px!important;height:3px!important;border-radius:2px}
.u-legend .u-value{min-width:5.4em}
.u-legend.u-inline tr{margin-right:10px}.u-legend .u-series>*{padding:1px 3px}
.u-series:first-child .u-marker{display:none!important}
.u-select{background:var(--accent)!important;opacity:.12}
.u-hz .u-cursor-x,.u-hz .u-cursor-y{border-color:var(--muted)!important}
@media (max-width:560px){.page{padding:0 16px 48px}.figures dd{font-size:21px}.figures div{flex-basis:45%;padding:12px}.steps{flex-direction:column}.steps li{flex:none;border-top:0;border-left:2px solid var(--rule);padding:0 0 12px 16px}.steps li::before{left:-6px;top:5px}}
@media print{
  @page{margin:14mm}
  body{font-size:10.5pt}
  .page{max-width:none;padding:0}
  #theme,nav,.u-legend .u-value{display:none!important}
  section{break-inside:auto;margin-top:24px}
  figure,tr,.figures,.anomaly{break-inside:avoid}
  h2,h3,caption{break-after:avoid}
  .scroll{overflow:visible}
  .scroll table{font-size:8.5pt}.scroll th,.scroll td{padding:3px 6px}
}
`;

export const STYLE = THEMES + PAGE;
