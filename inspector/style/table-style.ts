/** The style of the tables and of the worker's details. */
export const tableStyle = `
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
.details { display: grid; gap: 12px 32px; padding: 16px 20px 18px; font-size: 0.929em; grid-template-columns: repeat(2, minmax(0, 1fr)); }
.details dd { overflow-wrap: anywhere; }
`
