import { PartylineError } from '../shared/errors'
import type { SchemaIssue, StandardSchema } from '../shared/standard-schema'

/** Checks a payload. Returns what its schema makes of it, or what is wrong with it, without a value of the payload. Never throws. */
export type Check = (
  payload: unknown,
) => { readonly value: unknown; readonly wrong?: undefined } | { readonly wrong: string }

/** Returns the check of a name; `undefined` where it has no schema. */
export type Checks = (name: string) => Check | undefined

/** The longest path, and the longest text of what was expected, in characters. */
const LONGEST = 100

/** An asynchronous schema answers all of these with a promise. One of zod whose function throws does so for some. */
const PROBES = [undefined, '', 0, {}]

const ASYNC = 'its schema is asynchronous, or threw'

/** An issue as libraries have it. Its `message` is not read: some libraries quote the payload there. */
type Issue = Pick<SchemaIssue, 'path'> & Readonly<Partial<Record<'expected' | 'code' | 'type', unknown>>>

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

function describe({ path = [], expected, code, type }: Issue): string {
  // A copy: arktype's path is a class that `map` and `slice` cannot make.
  const at = [...path]
    .slice(0, LONGEST)
    .map((part) => String(typeof part === 'object' ? part.key : part))
    .join('.')
    .slice(0, LONGEST)
  const what = isText(expected) ? `expected ${expected}` : [code, type, 'other data expected'].find(isText)
  return `${at && `at "${at}": `}${what?.slice(0, LONGEST)}`
}

const isSchema = (value: unknown): value is StandardSchema & { readonly async?: unknown } =>
  typeof (value as Partial<StandardSchema> | null | undefined)?.['~standard']?.validate === 'function'

const checkBy =
  (schema: StandardSchema): Check =>
  (payload) => {
    try {
      const result = schema['~standard'].validate(payload)
      if (result instanceof Promise) {
        result.catch(() => {})
        return { wrong: ASYNC }
      }
      if (!result.issues && 'value' in result) return { value: result.value }
      return { wrong: describe(result.issues?.[0] as Issue) }
    } catch {
      return { wrong: 'its schema threw' }
    }
  }

/**
 * Reads the schemas in an option. A name that ends with `*` stands for all that begin like it; an exact name goes before it, and a
 * longer beginning before a shorter one. Throws `bad-option`, with the name.
 */
export function readChecks(option: string, schemas: object): Checks | undefined {
  const checks = new Map<string, Check>()
  for (const [name, schema] of Object.entries(schemas)) {
    const check = checkBy(schema)
    if (!isSchema(schema) || schema.async || PROBES.every((probe) => check(probe).wrong === ASYNC))
      throw new PartylineError(
        'bad-option',
        `serve: "${name}" in "${option}" should be a schema, as of zod or valibot, that is not asynchronous and does not throw for undefined, '', 0 and {}.`,
      )
    checks.set(name, check)
  }
  if (checks.size === 0) return undefined
  const beginnings = [...checks]
    .filter(([name]) => name.endsWith('*'))
    .map(([name, check]) => [name.slice(0, -1), check] as const)
    .sort(([a], [b]) => b.length - a.length)
  return (name) => checks.get(name) ?? beginnings.find(([beginning]) => name.startsWith(beginning))?.[1]
}
