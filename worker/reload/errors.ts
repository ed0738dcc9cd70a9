import { PartylineError } from '../../shared/errors'

/** Names the endpoint without its query, which may hold a secret. */
export function versionUnreadable(url: string, what: string): PartylineError {
  const { origin, pathname } = new URL(url)
  return new PartylineError(
    'version-unreadable',
    `The version endpoint "${origin}${pathname}" gives no version: it answers with ${what}. So no page is told to reload ` +
      'for a new version, or when it is stuck. Let it answer with { "version": "…" } as JSON, or with one line of text. ' +
      'Often a login page, or an index.html that stands in for missing files, answers in its place.',
  )
}

export const reloadIneffective = (version: string): PartylineError =>
  new PartylineError(
    'reload-ineffective',
    `This page was reloaded for version ${version}, and does not run it: a cache or a rolling deployment serves the old one.`,
  )
