import { now } from '../clock'
import type { SeenBuilds } from '../persistence/records'

/** A build of the app's worker: the address of its script, and a fingerprint of the text there. */
export interface Build {
  readonly address: string
  readonly text: string | undefined
}

/** What browsers remember of builds. */
export interface BuildHistory {
  /** When this browser first saw each build. */
  readonly seen: SeenBuilds
  /** When earlier builds took over from later ones, within the last `MINUTE`. */
  readonly returns: readonly number[]
}

/**
 * - `newer`: it serves from now on
 * - `same`: it is the build that serves
 * - `older`, `too-often`: it does not serve
 */
export type Verdict = 'newer' | 'same' | 'older' | 'too-often'

/** Decides between the build that serves and another one. */
export interface Builds {
  /** When this browser first saw the build that serves. */
  firstSeenAt(): number
  /** Merges in what the database has. */
  learn(seen: SeenBuilds): void
  history(): BuildHistory
  /** A page of the build that serves was loaded. */
  loaded(): void
  /**
   * Compares a build that wants to serve. `hasOwnPages`: a page of the build that serves is open. `isLoad`: a page of the other
   * build was loaded.
   */
  judge(build: Build, hasOwnPages: boolean, isLoad: boolean): Verdict
}

/** The most builds to remember. */
const MOST = 20
/** After this many pages of an earlier build in a row, the build that serves counts as withdrawn. */
const LOADS = 5
/** How often earlier builds may take over within `MINUTE`. During a deployment, pages of both builds may load alternately. */
const RETURNS = 3
const MINUTE = 60_000

const keyOf = ({ address, text }: Build) => (text === undefined ? address : `${address} ${text}`)

/** A script that cannot be read counts as the one that serves: if it is another, the next page that is loaded tells. */
export const isSame = (build: Build, own: Build): boolean =>
  keyOf(build) === keyOf(own) || (build.address === own.address && build.text === undefined)

/**
 * The newest build serves: the one with the latest first sight in this browser. So builds whose pages load alternately do not
 * replace each other. An earlier one serves again when the later one seems to be withdrawn:
 * - no page of the later one is open, or only pages of the earlier one load
 * - both have one address, and a page was loaded after the script was changed back
 */
export function createBuilds(own: Build, inherited: BuildHistory = { seen: [], returns: [] }): Builds {
  const seen = new Map(inherited.seen)
  let { returns } = inherited
  let rival = ''
  let loads = 0
  see(keyOf(own))

  /** Returns whether it is new. */
  function see(build: string): boolean {
    if (seen.has(build)) return false
    seen.set(build, Math.max(now(), ...[...seen.values()].map((at) => at + 1)))
    for (const each of [...seen.keys()].slice(0, -MOST)) seen.delete(each)
    return true
  }

  const seenAt = (build: string) => seen.get(build) ?? 0

  return {
    firstSeenAt: () => seenAt(keyOf(own)),
    learn(earlier) {
      const all = new Map([...earlier, ...seen])
      for (const [build, at] of earlier) all.set(build, Math.min(at, all.get(build) ?? at))
      seen.clear()
      for (const [build, at] of [...all].sort(([, a], [, b]) => a - b).slice(-MOST)) seen.set(build, at)
    },
    history: () => ({ seen: [...seen], returns }),
    loaded() {
      loads = 0
    },
    judge(build, hasOwnPages, isLoad) {
      if (isSame(build, own)) return 'same'
      const key = keyOf(build)
      const isAtOwnAddress = build.address === own.address
      if (rival !== key) loads = 0
      if (isLoad) loads += 1
      rival = key
      const isLater = see(key) || seenAt(key) > seenAt(keyOf(own))
      // Where an earlier build has returned, pages of later ones that are still open do not count.
      if (isLater && (isLoad || returns.length === 0)) return 'newer'
      const isChangedBack = isAtOwnAddress && isLoad
      if (hasOwnPages && !isChangedBack && loads < LOADS) return 'older'
      returns = returns.filter((at) => now() - at < MINUTE)
      if (returns.length >= RETURNS) return 'too-often'
      returns = [...returns, now()]
      return 'newer'
    },
  }
}

/** What the engine that serves knows of builds. */
interface BuildRecords {
  seenBuilds(): Promise<SeenBuilds>
  rememberBuilds(builds: SeenBuilds): void
}

/** The builds that the worker before this one knew, with those in the database. This worker's build is added there. */
export async function readBuilds(
  own: Promise<Build>,
  records: BuildRecords,
  inherited: BuildHistory | undefined,
): Promise<Builds> {
  const builds = createBuilds(await own, inherited)
  builds.learn(await records.seenBuilds())
  records.rememberBuilds(builds.history().seen)
  return builds
}
