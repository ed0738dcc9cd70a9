import { palette } from './palette'
import { tableStyle } from './table-style'
import { timelineStyle } from './timeline-style'

const layout = `
:host {
  display: block;
  container-type: inline-size;
  font: max(14px, 0.875rem) / 1.5 var(--partyline-font, system-ui, sans-serif);
  font-variant-numeric: tabular-nums;
  text-align: start;
  color: var(--ink);
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
h2, p, dl, dd, ul, fieldset { margin: 0; padding: 0; border: 0; }
ul { list-style: none; }
.frame {
  background: var(--ground);
  border: 1px solid var(--edge);
  border-radius: var(--partyline-radius, 12px);
  overflow: hidden;
}
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
small { display: block; font-size: 0.857em; color: var(--muted); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

header {
  display: grid;
  grid-template: 'state tools' auto 'problem problem' auto / minmax(0, 1fr) auto;
  align-items: start;
  column-gap: 16px;
  padding: 20px 20px 8px;
}
h2 {
  grid-area: state;
  font-size: 0.857em;
  line-height: 1.5;
  font-weight: 500;
  color: var(--muted);
}
.state {
  grid-area: state;
  display: grid;
  grid-template-columns: auto minmax(0, 1fr);
  align-items: center;
  column-gap: 9px;
  margin-top: 20px;
}
.state strong { font-size: 1.43em; line-height: 1.35; font-weight: 600; letter-spacing: -0.012em; }
.state .when { grid-column: 1 / -1; color: var(--muted); min-height: 1.5em; }
.state i {
  width: 10px;
  height: 10px;
  border-radius: 50%;
  border: 2px solid var(--mark, var(--idle));
  background: var(--mark, transparent);
}
.state[data-state='online'] { --mark: var(--good); }
.state[data-state='connecting'] { --mark: var(--wait); }
.state[data-state='offline'] { --mark: var(--bad); }
.state[data-state='unauthorized'] { --mark: var(--denied); }
.state[data-state='connecting'] i, .state[data-state='offline'] i { animation: breathe 2s ease-in-out infinite; }
@keyframes breathe { 50% { opacity: 0.35; } }
.problem {
  grid-area: problem;
  min-height: 1.5em;
  max-height: 4.5em;
  overflow: auto;
  overflow-wrap: anywhere;
  color: var(--bad);
}
.tools { grid-area: tools; z-index: 1; }
button {
  font: inherit;
  font-weight: 500;
  color: var(--ink);
  background: var(--ground);
  border: 1px solid var(--edge);
  border-radius: 8px;
  padding: 5px 12px;
  min-height: 34px;
  cursor: pointer;
}
button:hover:not(:disabled) { border-color: var(--accent); color: var(--accent); }
button:disabled { color: var(--muted); cursor: default; }

.tiles {
  display: grid;
  grid-template-columns: repeat(2, minmax(0, 1fr));
  gap: 1px;
  background: var(--edge);
  border-block: 1px solid var(--edge);
}
.tile { background: var(--ground); padding: 14px 20px 12px; }
dt { font-size: 0.857em; color: var(--muted); }
.tile dd { display: grid; grid-template-columns: auto minmax(0, 1fr); column-gap: 14px; align-items: center; }
.tile small { grid-column: 1 / -1; min-height: 3em; }
.value { white-space: nowrap; }
.value strong { font-size: 1.57em; line-height: 1.35; font-weight: 600; letter-spacing: -0.015em; }
.unit { color: var(--muted); }
small[data-tone='bad'] { color: var(--bad); }
.sparkline { width: 100%; height: 28px; display: block; overflow: visible; }
.spark, .spark-end { fill: none; stroke: var(--accent); vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.spark { stroke-width: 1.5; }
.spark-end { stroke-width: 5; stroke-linecap: round; }
.spark-area { fill: var(--accent); opacity: 0.09; }
`

const sizes = `
@container (min-width: 420px) and (max-width: 599px) {
  .tile small { min-height: 1.5em; }
}
@container (min-width: 600px) {
  .tiles { grid-template-columns: 1.7fr 1fr 1fr 1fr; }
  .readout { height: calc(3em + 16px); }
  .details { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .counters { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
@container (min-width: 860px) {
  .lists { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .counters { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .details { grid-template-columns: repeat(4, minmax(0, 1fr)); }
  .tile small { min-height: 1.5em; }
  header, .history, .lists, .counters, .details, .tile { padding-inline: 24px; }
}
@media (prefers-reduced-motion: reduce) {
  .state i { animation: none !important; }
}
`

const sheets = new WeakMap<Document, CSSStyleSheet>()

/** The style sheet of all inspectors of a document. Other documents cannot adopt it, so each has its own. */
export function sheetFor(page: Document): CSSStyleSheet {
  const known = sheets.get(page)
  if (known) return known
  const { CSSStyleSheet: Sheet } = page.defaultView ?? globalThis
  const sheet = new Sheet()
  sheet.replaceSync([palette, layout, timelineStyle, tableStyle, sizes].join('\n'))
  sheets.set(page, sheet)
  return sheet
}
