import { palette } from './palette'

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

const timeline = `
.history { padding: 18px 20px 16px; border-bottom: 1px solid var(--edge); }
.bar { display: flex; align-items: center; justify-content: space-between; gap: 12px; margin-bottom: 12px; }
h3, caption { font-size: 1em; font-weight: 600; margin: 0; text-align: start; letter-spacing: -0.005em; }
.ranges { display: flex; background: var(--sunken); border-radius: 8px; padding: 2px; }
.ranges label { position: relative; }
.ranges input { position: absolute; inset: 0; opacity: 0; margin: 0; cursor: pointer; }
.ranges label span { display: block; padding: 3px 11px; border-radius: 6px; color: var(--muted); font-size: 0.929em; }
.ranges input:checked + span { background: var(--ground); color: var(--ink); font-weight: 500; box-shadow: 0 0 0 1px var(--edge); }
.ranges input:focus-visible + span { outline: 2px solid var(--accent); }
.timeline { display: block; width: 100%; touch-action: pan-y; }
.ticks path { stroke: var(--edge); fill: none; }
.ticks text { fill: var(--muted); font-size: 11px; }
.blank { stroke: var(--idle); stroke-dasharray: 1 5; stroke-linecap: round; fill: none; }
.fill { opacity: 0.22; }
.fill.connecting, .fill.polling { fill: var(--wait); }
.fill.offline { fill: var(--bad); }
.fill.unauthorized { fill: var(--denied); }
.hatch { fill: none; stroke: var(--ink); stroke-width: 1.4; }
.phase.online { fill: var(--good); }
.phase.paused, .phase.idle { fill: var(--ground); stroke: var(--idle); stroke-dasharray: 3 2; }
#offline .hatch { stroke: var(--bad); stroke-width: 2; }
#polling .hatch, #connecting .hatch { stroke: var(--wait); }
#unauthorized .hatch { stroke: var(--denied); }
.glyph { fill: none; stroke: var(--muted); stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
.glyph.drop { fill: var(--bad); stroke: var(--bad); stroke-width: 1; }
.glyph.retry { stroke: var(--bad); }
.glyph.poll { fill: var(--wait); stroke: none; }
.glyph.gap { stroke: var(--wait); fill: var(--ground); }
.glyph.reload { stroke: var(--accent); }
.glyph.start { stroke: var(--muted); }
.reach { fill: transparent; }
.item { outline: none; cursor: default; }
.item[data-told] .reach { fill: var(--sunken); stroke: var(--edge); }
.item[data-told] .phase { stroke: var(--ink); stroke-width: 1.5; }
.item:focus-visible .reach, .item:focus-visible .phase { stroke: var(--accent); stroke-width: 2; stroke-dasharray: none; }
.readout {
  margin-top: 10px;
  padding: 8px 12px;
  height: calc(4.5em + 16px);
  overflow: hidden;
  overflow-wrap: anywhere;
  background: var(--sunken);
  border-radius: 8px;
  display: grid;
  align-content: safe center;
}
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-top: 12px; font-size: 0.857em; color: var(--muted); }
.legend li { display: flex; align-items: center; gap: 6px; }
.legend svg { width: 16px; height: 16px; flex: none; }
.log { margin-top: 12px; }
summary { cursor: pointer; color: var(--muted); width: fit-content; border-radius: 4px; padding: 2px 4px; margin-left: -4px; }
summary:hover { color: var(--ink); }
.log .table { max-height: 300px; margin-top: 8px; }
.log caption { position: absolute; clip-path: inset(50%); }
.log .name { width: 9.5em; white-space: nowrap; }
`

const tables = `
.lists { display: grid; gap: 28px 32px; padding: 20px; border-bottom: 1px solid var(--edge); }
.table { overflow: auto; max-height: 420px; }
table { width: 100%; table-layout: fixed; border-collapse: collapse; }
caption { padding-bottom: 6px; }
th, td {
  text-align: start;
  vertical-align: top;
  font-weight: 400;
  padding: 7px 12px 7px 0;
  border-bottom: 1px solid var(--edge);
  overflow-wrap: anywhere;
}
th:last-child, td:last-child { padding-inline-end: 0; }
thead th { font-size: 0.857em; color: var(--muted); padding-block: 4px; }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: end; white-space: nowrap; }
.empty td { color: var(--muted); }
[data-tone] > span { display: flex; align-items: baseline; gap: 8px; }
[data-tone] > span::before {
  content: '';
  flex: none;
  width: 8px;
  height: 8px;
  border-radius: 50%;
  border: 2px solid var(--mark);
  background: var(--mark);
  forced-color-adjust: none;
}
[data-tone] > small { padding-inline-start: 16px; }
[data-tone='good'] { --mark: var(--good); }
[data-tone='wait'] { --mark: var(--wait); }
[data-tone='stale'] { --mark: var(--idle); }
[data-tone='bad'] { --mark: var(--bad); }
[data-tone='wait'] > span::before, [data-tone='stale'] > span::before { background: transparent; }
[data-tone='bad'] > span::before { border-radius: 1px; }
.tabs th:first-child { width: 34%; }
.tabs .number { width: 5.5em; }
.tabs tbody th { white-space: nowrap; }
.rooms .number { width: 5em; padding-inline-end: 24px; }
.rooms :is(th, td):last-child { width: 44%; }
.counters { display: grid; gap: 24px 28px; padding: 20px; border-bottom: 1px solid var(--edge); }
.counters th, .counters td { padding-block: 4px; }
.counters .number { width: 6em; }
.counters .number:last-child { width: 3.4em; color: var(--muted); }
.facts { display: grid; gap: 12px 32px; padding: 16px 20px 18px; font-size: 0.929em; grid-template-columns: repeat(2, minmax(0, 1fr)); }
.facts dd { overflow-wrap: anywhere; }
`

const sizes = `
@container (min-width: 600px) {
  .tiles { grid-template-columns: 1.7fr 1fr 1fr 1fr; }
  .readout { height: calc(3em + 16px); }
  .facts { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .counters { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
@container (min-width: 860px) {
  .lists { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .counters { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .facts { grid-template-columns: repeat(6, auto); justify-content: space-between; }
  .tile small { min-height: 1.5em; }
  header, .history, .lists, .counters, .facts, .tile { padding-inline: 24px; }
}
@media (prefers-reduced-motion: reduce) {
  .state i { animation: none !important; }
}
`

const sheets = new WeakMap<Document, CSSStyleSheet>()

/** One sheet for all inspectors of a page. A sheet belongs to the page it was made in. */
export function sheetFor(page: Document): CSSStyleSheet {
  const known = sheets.get(page)
  if (known) return known
  const { CSSStyleSheet: Sheet } = page.defaultView ?? globalThis
  const sheet = new Sheet()
  sheet.replaceSync([palette, layout, timeline, tables, sizes].join('\n'))
  sheets.set(page, sheet)
  return sheet
}
