/** The page's colours: `[light, dark]`, each that carries text with a contrast of at least 4.5. */
const COLOURS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  paper: ['#fbfbfa', '#14161a'],
  panel: ['#ffffff', '#1b1e24'],
  ink: ['#1c2024', '#e8eaee'],
  muted: ['#5c6570', '#9aa4b0'],
  rule: ['#e1e4e7', '#2d323b'],
  accent: ['#0b57a4', '#86b7ff'],
  good: ['#0f6b3c', '#74d69a'],
  bad: ['#b3261e', '#ff938a'],
  'line-0': ['#0b57a4', '#6ea8ff'],
  'line-1': ['#b5480b', '#ff9d5c'],
  'line-2': ['#0f766e', '#4fd1c0'],
};

function variables(theme: 0 | 1): string {
  const lines = Object.entries(COLOURS).map(([name, pair]) => `--${name}:${pair[theme]}`);
  return `color-scheme:${theme === 0 ? 'light' : 'dark'};${lines.join(';')}`;
}

/** Of the page for operators. The system decides between light and dark, and the button overrules it. */
export const STYLE = `
:root{${variables(0)}}
@media (prefers-color-scheme:dark){:root{${variables(1)}}}
:root[data-theme=light]{${variables(0)}}
:root[data-theme=dark]{${variables(1)}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;font-variant-numeric:tabular-nums}
.page{max-width:1080px;margin:0 auto;padding:0 24px 64px}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
header{display:flex;flex-wrap:wrap;align-items:center;gap:8px 14px;padding:22px 0 14px}
h1{font-size:clamp(22px,4vw,30px);line-height:1.2;letter-spacing:-.01em;margin:0;overflow-wrap:anywhere}
#role{font-size:12px;font-weight:650;letter-spacing:.05em;text-transform:uppercase;border:1px solid currentColor;border-radius:99px;padding:2px 10px;color:var(--muted)}
#role[data-tone=good]{color:var(--good)}
#role[data-tone=bad]{color:var(--bad)}
#status{flex:1 1 8em;color:var(--muted);font-size:13px;overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:4px 18px;padding:8px 0;border-block:1px solid var(--rule);font-size:14px}
section{margin-top:30px}
h2{font-size:18px;margin:0 0 10px}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:1px;margin:0;background:var(--panel);border:1px solid var(--rule);border-radius:8px;overflow:hidden}
.figures div{box-shadow:0 0 0 1px var(--rule);padding:10px 14px;min-width:0}
dt{font-size:12.5px;color:var(--muted)}
.figures dd{margin:0;font-size:19px;overflow-wrap:anywhere}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));gap:16px}
figure{margin:0;background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:12px 14px;min-width:0}
figcaption{font-size:13.5px;font-weight:600}
figure p{margin:0;font-size:12px;color:var(--muted);display:flex;justify-content:space-between}
svg{display:block;width:100%;height:130px;margin:4px 0;border-block:1px solid var(--rule)}
.line{fill:none;stroke-width:1.6;vector-effect:non-scaling-stroke;stroke-linejoin:round;stroke-linecap:round}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;margin:6px 0 0;font-size:13px}
.legend div{display:flex;gap:6px;align-items:baseline}
.legend dd{margin:0}
.legend dt::before{content:"";display:inline-block;width:14px;border-top:3px solid;vertical-align:middle;margin-right:6px}
${[0, 1, 2].map((line) => `.line-${line}{stroke:var(--line-${line})}.legend .line-${line}::before{border-color:var(--line-${line})}`).join('\n')}
.scroll{overflow-x:auto;border:1px solid var(--rule);border-radius:8px;background:var(--panel)}
.scroll:empty{display:none}
.scroll>p{margin:0;padding:10px 14px}
table{border-collapse:collapse;width:100%;font-size:14px}
caption{text-align:left;color:var(--muted);font-size:13px;padding:8px 14px}
th,td{text-align:left;padding:6px 14px;border-top:1px solid var(--rule);font-weight:400;vertical-align:top}
thead th{color:var(--muted);font-size:12.5px;white-space:nowrap}
button,input,textarea{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--muted);border-radius:6px;padding:4px 12px}
button{cursor:pointer}
button:hover{border-color:var(--accent);color:var(--accent)}
.bar{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:center;margin:0 0 10px}
.bar label{display:flex;gap:6px;align-items:center;min-width:0}
.bar .wide{flex:1 1 16em}
.bar input{min-width:0;max-width:100%}
.wide input{flex:1}
.znode{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,2fr);gap:16px}
#znode{display:grid;gap:10px;align-content:start}
#children p{margin:0 0 6px}
.child{display:block;width:100%;text-align:left;border-color:var(--rule);margin-bottom:4px;overflow-wrap:anywhere}
pre{margin:0;padding:10px 14px;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
#editor{margin-top:14px}
#editor label{font-size:13.5px}
textarea{display:block;width:100%;margin:4px 0 10px;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
[hidden]{display:none}
.trouble{color:var(--bad)}
.note,footer{color:var(--muted)}
footer{margin-top:36px;padding-top:12px;border-top:1px solid var(--rule);font-size:12.5px;overflow-wrap:anywhere}
@media (max-width:560px){.page{padding:0 14px 40px}.figures{grid-template-columns:1fr 1fr}.znode{grid-template-columns:minmax(0,1fr)}th,td{padding:6px 10px}}
`;
