/** Where a shared worker is found: what a page needs to open it. */
export interface Place {
  /** The address of its script. */
  readonly address: string
  /** The number in its name. */
  readonly generation: number
  /** How its script is run. A browser refuses to open a running worker in another way. */
  readonly type: 'module' | 'classic'
}
