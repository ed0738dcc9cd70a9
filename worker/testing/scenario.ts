import type { Link, LinkEvents } from '../link/link'
import type { LinkHarness } from './harness'
import { type WatchedLink, watchLink } from './watched-link'

/** A scenario for any test runner: `run` rejects with what was expected and what was seen. */
export interface Scenario {
  readonly name: string
  run(): Promise<void>
}

/** What a scenario works with. */
export interface Stage {
  readonly harness: LinkHarness
  /** Makes a link, which is dropped in the end. */
  watch(createLink?: (events: LinkEvents) => Link): WatchedLink
}

/** A scenario without its harness. */
export interface ScenarioPart {
  readonly name: string
  /** Whether a harness has what the scenario needs. @default every one has */
  readonly needs?: (harness: LinkHarness) => boolean
  run(stage: Stage): Promise<void>
}

/** Starts the server for a scenario, and stops it in the end. */
export const scenarioOf = ({ name, run }: ScenarioPart, harness: LinkHarness): Scenario => ({
  name,
  async run() {
    const links: WatchedLink[] = []
    await harness.start()
    try {
      await run({
        harness,
        watch(createLink) {
          const link = watchLink(harness, createLink)
          links.push(link)
          return link
        },
      })
      for (const link of links) link.check()
    } finally {
      for (const { link } of links) link.drop()
      await harness.stop()
    }
  },
})
