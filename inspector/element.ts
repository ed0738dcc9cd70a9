import type { Line, Snapshot } from '../src'
import { createPanel } from './body'
import { element } from './dom/dom'
import { exportSnapshot } from './export'
import { createHeadline, type Trouble } from './headline'
import { createLookout } from './snapshot-poll'
import { sheetFor } from './style/style'
import { createWitness } from './timeline/history'

/** What an inspector needs of a line: any dashboard's line has it. */
export type InspectedLine = Pick<Line, 'inspect' | 'status' | 'on'>

interface Seen {
  readonly snapshot: Snapshot
  readonly at: number
}

/** On a server there are no elements: importing this must do no harm there. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement

/**
 * `<partyline-inspector>`: shows what goes on on a line. Set its `line`; it looks about once a second while it can be seen,
 * and at once when the line's status changes. The attribute `theme`, `light` or `dark`, overrules the system's choice.
 */
export class PartylineInspector extends Base {
  readonly #witness = createWitness()
  readonly #panel = createPanel()
  readonly #export = element('button', { type: 'button' }, 'Export JSON')
  readonly #headline = createHeadline(this.#export)
  #line: InspectedLine | undefined
  #seen: Seen | undefined
  #trouble: Trouble | undefined
  #stops: readonly (() => void)[] = []

  constructor() {
    super()
    const root = this.attachShadow({ mode: 'open' })
    root.append(
      element(
        'section',
        { class: 'frame', lang: 'en', dir: 'ltr', 'aria-label': 'Partyline inspector' },
        this.#headline.root,
        this.#panel.root,
      ),
    )
    this.#export.addEventListener('click', () => void this.#hand())
  }

  /** The line that is shown. It may be replaced, or taken away, at any time. */
  get line(): InspectedLine | undefined {
    return this.#line
  }
  set line(line: InspectedLine | null | undefined) {
    if ((line ?? undefined) === this.#line) return
    this.#leave()
    this.#line = line ?? undefined
    this.#seen = undefined
    this.#trouble = undefined
    this.#witness.forget()
    if (this.isConnected) this.#enter()
  }

  connectedCallback() {
    // Set before the element was defined: then it stands in the way of the accessor.
    if (Object.hasOwn(this, 'line')) {
      const { line } = this
      Reflect.deleteProperty(this, 'line')
      this.line = line
    }
    if (this.shadowRoot) this.shadowRoot.adoptedStyleSheets = [sheetFor(this.ownerDocument)]
    this.#leave()
    this.#enter()
  }

  disconnectedCallback() {
    this.#leave()
  }

  #enter() {
    const line = this.#line
    this.#panel.start()
    this.#stops = [this.#panel.stop]
    this.#head()
    this.#body(this.#seen)
    if (!line || line.status.state === 'closed') return
    const lookout = createLookout(this, () => this.#look(line))
    this.#stops = [
      this.#panel.stop,
      lookout.stop,
      line.on('status', ({ state }) => {
        // A line that is closed has nothing more to tell.
        if (state === 'closed') lookout.stop()
        this.#head()
        lookout.look()
      }),
      line.on('gap', (gap) => {
        this.#witness.hear(gap)
        lookout.look()
      }),
    ]
  }

  #leave() {
    for (const stop of this.#stops) stop()
    this.#stops = []
  }

  /** Asks for a snapshot, and shows it, or that none could be had. */
  async #look(line: InspectedLine) {
    const isOver = () => line !== this.#line || !this.isConnected
    try {
      const snapshot = await line.inspect()
      if (isOver()) return
      this.#witness.see(snapshot)
      // One that cannot be shown, as of a worker of another version, is none.
      this.#body({ snapshot, at: Date.now() })
      this.#trouble = undefined
    } catch (error) {
      if (isOver()) return
      const message = error instanceof Error ? error.message : String(error)
      this.#trouble = { since: this.#trouble?.since ?? Date.now(), message }
    }
    this.#head()
  }

  #head() {
    this.#headline.update(this.#line?.status, this.#trouble, this.#seen?.at)
  }

  #body(seen: Seen | undefined) {
    if (seen) this.#panel.update(seen.snapshot, this.#witness, seen.at)
    this.#seen = seen
    this.#panel.root.hidden = !seen
    this.#export.disabled = !seen
  }

  /** Exports a fresh snapshot, or the last one where none can be had. */
  async #hand() {
    const snapshot = (await this.#line?.inspect().catch(() => undefined)) ?? this.#seen?.snapshot
    if (snapshot) exportSnapshot(snapshot)
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'partyline-inspector': PartylineInspector
  }
}
