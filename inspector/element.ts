import type { Line, Snapshot } from '../src'
import { createBody } from './body'
import { element } from './dom/elements'
import { exportSnapshot } from './export'
import { createHeadline, type InspectError } from './headline'
import { createHistory } from './history/history'
import { createSnapshotPoll } from './snapshot-poll'
import { sheetFor } from './style/style'

/** The part of a line that the inspector uses. Every line of every dashboard fits. */
export type InspectedLine = Pick<Line, 'inspect' | 'status' | 'on'>

interface DatedSnapshot {
  readonly snapshot: Snapshot
  readonly at: number
}

/** On a server there is no `HTMLElement`; the import must not throw there. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement

/**
 * `<partyline-inspector>`: shows the state of a line. Set its `line`. While the element is visible it asks for a snapshot
 * about once a second, and at once when the line's status changes. The attribute `theme`, `light` or `dark`, overrides the
 * system's theme.
 */
export class PartylineInspector extends Base {
  readonly #history = createHistory()
  readonly #body = createBody()
  readonly #exportButton = element('button', { type: 'button' }, 'Export JSON')
  readonly #headline = createHeadline(this.#exportButton)
  #line: InspectedLine | undefined
  #last: DatedSnapshot | undefined
  #error: InspectError | undefined
  #disposers: readonly (() => void)[] = []

  constructor() {
    super()
    const root = this.attachShadow({ mode: 'open' })
    root.append(
      element(
        'section',
        { class: 'frame', lang: 'en', dir: 'ltr', 'aria-label': 'Partyline inspector' },
        this.#headline.root,
        this.#body.root,
      ),
    )
    this.#exportButton.addEventListener('click', () => void this.#export())
  }

  /** The line to show. You may replace it, or set it to `undefined`, at any time. */
  get line(): InspectedLine | undefined {
    return this.#line
  }
  set line(line: InspectedLine | null | undefined) {
    if ((line ?? undefined) === this.#line) return
    this.#stop()
    this.#line = line ?? undefined
    this.#last = undefined
    this.#error = undefined
    this.#history.clear()
    if (this.isConnected) this.#start()
  }

  connectedCallback() {
    // A `line` that was set before the element was defined is an own property, which hides the accessor.
    if (Object.hasOwn(this, 'line')) {
      const { line } = this
      Reflect.deleteProperty(this, 'line')
      this.line = line
    }
    if (this.shadowRoot) this.shadowRoot.adoptedStyleSheets = [sheetFor(this.ownerDocument)]
    this.#stop()
    this.#start()
  }

  disconnectedCallback() {
    this.#stop()
  }

  #start() {
    const line = this.#line
    this.#body.start()
    this.#disposers = [this.#body.stop]
    this.#updateHeadline()
    this.#updateBody(this.#last)
    if (!line || line.status.state === 'closed') return
    const poll = createSnapshotPoll(this, () => this.#readSnapshot(line))
    this.#disposers = [
      this.#body.stop,
      poll.stop,
      line.on('status', ({ state }) => {
        // A closed line gives no more snapshots.
        if (state === 'closed') poll.stop()
        this.#updateHeadline()
        poll.run()
      }),
      line.on('gap', (gap) => {
        this.#history.addGap(gap)
        poll.run()
      }),
    ]
  }

  #stop() {
    for (const dispose of this.#disposers) dispose()
    this.#disposers = []
  }

  async #readSnapshot(line: InspectedLine) {
    const isStale = () => line !== this.#line || !this.isConnected
    try {
      const snapshot = await line.inspect()
      if (isStale()) return
      this.#history.addSnapshot(snapshot)
      // Throws if the snapshot cannot be drawn, for example one of another worker version: then the last one stays.
      this.#updateBody({ snapshot, at: Date.now() })
      this.#error = undefined
    } catch (error) {
      if (isStale()) return
      const message = error instanceof Error ? error.message : String(error)
      this.#error = { since: this.#error?.since ?? Date.now(), message }
    }
    this.#updateHeadline()
  }

  #updateHeadline() {
    this.#headline.update(this.#line?.status, this.#error, this.#last?.at)
  }

  #updateBody(last: DatedSnapshot | undefined) {
    if (last) this.#body.update(last.snapshot, this.#history, last.at)
    this.#last = last
    this.#body.root.hidden = !last
    this.#exportButton.disabled = !last
  }

  /** Exports a new snapshot, or the last one if the worker does not answer. */
  async #export() {
    const snapshot = (await this.#line?.inspect().catch(() => undefined)) ?? this.#last?.snapshot
    if (snapshot) exportSnapshot(snapshot)
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'partyline-inspector': PartylineInspector
  }
}
