import { PartylineError } from '../shared/errors'
import type { SchemaIssue, StandardSchema } from '../shared/standard-schema'

/** Checks a payload. Returns what its schema made of it, or what is wrong with it, without a word of the payload. Never throws. */
export type Check = (payload: unknown) => { readonly value: unknown } | { readonly wrong: string }

/** Returns the check of a name; `undefined` where it has no schema. */
export type Checks = (name: string) => Check | undefined

/** The longest path, and the longest text of what was expected, in characters. */
const LONGEST = 100

/** The payloads that an asynchronous schema is found by. One that is not may throw on some of them. */
const PROBES = [undefined, '', 0, {}]

/** An issue as libraries have it. Its `message` is not read: some libraries quote the payload there. */
type Issue = Pick<SchemaIssue, 'path'> & Readonly<Partial<Record<'expected' | 'code' | 'type', unknown>>>

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

function describe({ path = [], expected, code, type }: Issue): string {
  const at = path
    .slice(0, LONGEST)
    .map((part) => String(typeof part === 'object' ? part.key : part))
    .join('.')
  const words = textOf(expected)
    ? `expected ${expected}`
    : (textOf(code) ?? textOf(type) ?? 'other data expected')
  return `${at && `at "${at.slice(0, LONGEST)}": `}${words.slice(0, LONGEST)}`
}

const isSchema = (value: unknown): value is StandardSchema =>
  typeof (value as Partial<StandardSchema> | null | undefined)?.['~standard']?.validate === 'function'

/** Validates a payload. Some libraries answer with a promise where a function of a schema throws, and the promise fails. */
function validate(schema: StandardSchema, payload: unknown) {
  const result = schema['~standard'].validate(payload)
  if (!(result instanceof Promise)) return result
  result.catch(() => {})
  return undefined
}

function isAsync(schema: StandardSchema & { readonly async?: unknown }): boolean {
  const isUnanswered = (probe: unknown) => {
    try {
      return !validate(schema, probe)
    } catch {
      return false
    }
  }
  return schema.async === true || PROBES.every(isUnanswered)
}

const checkBy =
  (schema: StandardSchema): Check =>
  (payload) => {
    try {
      const result = validate(schema, payload)
      if (result && !result.issues && 'value' in result) return { value: result.value }
      return { wrong: describe(result?.issues?.[0] as Issue) }
    } catch {
      return { wrong: 'the schema threw, is asynchronous, or gave no reason' }
    }
  }

/**
 * Reads the schemas in an option. A name that ends with `*` stands for all that begin like it; an exact name goes before it, and a
 * longer beginning before a shorter one. Throws `bad-option`, with the name.
 */
export function readChecks(option: string, schemas: object): Checks | undefined {
  const checks = new Map<string, Check>()
  for (const [name, schema] of Object.entries(schemas)) {
    const problem = !isSchema(schema)
      ? 'is none'
      : isAsync(schema)
        ? 'is asynchronous or always throws'
        : undefined
    if (problem)
      throw new PartylineError(
        'bad-option',
        `serve: "${option}" should have a schema that answers at once for "${name}", such as one of zod or valibot; this one ${problem}.`,
      )
    checks.set(name, checkBy(schema))
  }
  if (checks.size === 0) return undefined
  const beginnings = [...checks]
    .filter(([name]) => name.endsWith('*'))
    .map(([name, check]) => [name.slice(0, -1), check] as const)
    .sort(([a], [b]) => b.length - a.length)
  return (name) => checks.get(name) ?? beginnings.find(([beginning]) => name.startsWith(beginning))?.[1]
}
