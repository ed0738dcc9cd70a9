import type { Place } from '../../shared/place'
import type { Script } from './script'

export interface UpdatesParts {
  readonly place: Place
  readonly script: Script
  /** Asks a page to start the worker at that place. Resolves to whether it could. */
  readonly startBy: (tab: string, place: Place) => Promise<boolean | undefined>
}

/** Checks whether the server has another script at this worker's address, and has a page start it under another name. */
export interface Updates {
  /** A page was loaded: if the script has changed, the page starts the new one. */
  look(tab: string): void
  /** Resolves once the check is done: the script is the same, or its worker has taken over, or did not within `PATIENCE`. */
  looked(): Promise<void>
  /** This worker has handed over. */
  handedOver(): void
}

/** How long the worker of a new script may take to take over, in ms. */
const PATIENCE = 1000

export function createUpdates({ place, script, startBy }: UpdatesParts): Updates {
  let looking: Promise<void> | undefined
  /** The page that was loaded last, if nobody has looked since. */
  let loaded: string | undefined
  let onHandedOver = () => {}

  async function startChanged(tab: string) {
    if (!(await script.hasChanged())) return
    // A name that no worker ever had: one that failed may still have the last.
    const generation = Math.max(place.generation + 1, Date.now())
    if (!(await startBy(tab, { ...place, generation }))) return
    await new Promise<void>((resolve) => {
      onHandedOver = resolve
      setTimeout(resolve, PATIENCE)
    })
  }

  /** Looks once more if a page was loaded meanwhile. */
  async function lookForAll() {
    while (loaded !== undefined) {
      const tab = loaded
      loaded = undefined
      await startChanged(tab)
    }
  }

  return {
    look(tab) {
      loaded = tab
      looking ??= lookForAll().finally(() => {
        looking = undefined
      })
    },
    looked: async () => looking,
    handedOver: () => onHandedOver(),
  }
}
