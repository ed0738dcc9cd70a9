import { PartylineError } from './errors'

/** The rule for one option: a check of its value, and the words for what is expected. `undefined` is not checked. */
export type Rule = readonly [accepts: (value: unknown) => boolean, expected: string]
export type Rules = Readonly<Record<string, Rule>>

/** Throws `bad-option` for the first option that is unknown or breaks its rule. `where` is the function that was called. */
export function checkOptions(where: string, options: unknown, rules: Rules): void {
  const expect = (isMet: boolean, what: string) => {
    if (!isMet) throw new PartylineError('bad-option', `${where}: ${what}.`)
  }
  expect(typeof options === 'object' && options !== null && !Array.isArray(options), 'expected an object')
  const known = Object.keys(rules)
  for (const [name, value] of Object.entries(options as object)) {
    expect(known.includes(name), `unknown option "${name}". Known: ${known.join(', ')}`)
    const [accepts, expected] = rules[name] as Rule
    expect(value === undefined || accepts(value), `"${name}" should be ${expected}`)
  }
}
