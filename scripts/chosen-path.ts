import { existsSync } from 'node:fs'

/** The path in an environment variable, if it is set. Throws if there is no such file. */
export function chosenPath(variable: string): string | undefined {
  const chosen = process.env[variable]
  if (chosen === undefined || chosen === '') return undefined
  if (!existsSync(chosen)) throw new Error(`${variable} is "${chosen}", but there is no such file.`)
  return chosen
}
