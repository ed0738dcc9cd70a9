/** The style of the timeline: chart, range picker, legend and log. */
export const timelineStyle = `
.history { padding: 18px 20px 16px; border-bottom: 1px solid var(--edge); }
.bar { display: flex; align-items: center; justify-content: space-between; gap: 12px; margin-bottom: 12px; }
h3, caption { font-size: 1em; font-weight: 600; margin: 0; text-align: start; letter-spacing: -0.005em; }
.ranges { display: flex; background: var(--sunken); border-radius: 8px; padding: 2px; }
.ranges label { position: relative; }
.ranges input { position: absolute; inset: 0; opacity: 0; margin: 0; cursor: pointer; }
.ranges label span { display: block; padding: 3px 11px; border-radius: 6px; color: var(--muted); font-size: 0.929em; }
.ranges input:checked + span { background: var(--ground); color: var(--ink); font-weight: 500; box-shadow: 0 0 0 1px var(--edge); }
.ranges input:focus-visible + span { outline: 2px solid var(--accent); }
.timeline { display: block; width: 100%; touch-action: pan-y; fill: var(--idle); }
.ticks path { stroke: var(--edge); fill: none; }
.ticks text { fill: var(--muted); font-size: 11px; }
.baseline { stroke: var(--idle); stroke-dasharray: 1 5; stroke-linecap: round; fill: none; }
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
.hit-area { fill: transparent; }
.item { outline: none; cursor: default; }
.item[data-selected] .hit-area { fill: var(--sunken); stroke: var(--edge); }
.item[data-selected] .phase { stroke: var(--ink); stroke-width: 1.5; }
.item:focus-visible .hit-area, .item:focus-visible .phase { stroke: var(--accent); stroke-width: 2; stroke-dasharray: none; }
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
