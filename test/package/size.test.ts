import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../../scripts/entries'
import { IMPORTS } from '../../scripts/size/budgets'
import { measure, type Weight } from '../../scripts/size/measure'
import { sentence, sentenceIn } from '../../scripts/size/sentence'

let weights: readonly Weight[]
beforeAll(async () => {
  weights = await measure()
})

const NUMBER = /\d+\.\d/g
const numbersOf = (text: string) => (text.match(NUMBER) ?? []).map(Number)
const wordsOf = (text: string) => text.replace(NUMBER, '#').replace(/\s+/g, ' ')

describe('the size of an import', () => {
  test('is within its budget', () => {
    for (const { name, gzip } of weights) {
      const budget = IMPORTS.find((one) => one.name === name)?.budget ?? 0
      expect(gzip / 1000, `${name}, in kB`).toBeLessThanOrEqual(budget)
    }
  })

  test('is at most 1.1 kB more with all hooks than for connect alone', () => {
    const gzipOf = (name: string) => weights.find((weight) => weight.name === name)?.gzip ?? Number.NaN
    expect(gzipOf('connect + react') - gzipOf('connect')).toBeLessThanOrEqual(1100)
  })

  test('is what README.md says (`npm run size -- --write` updates it)', () => {
    const written = sentenceIn(readFileSync(join(ROOT, 'README.md'), 'utf8'))
    const measured = sentence(weights)
    expect(wordsOf(written)).toBe(wordsOf(measured))
    const figures = numbersOf(measured)
    numbersOf(written).forEach((figure, index) => {
      expect(Math.abs(figure - (figures[index] ?? 0)), `${written}\nmeasured: ${measured}`).toBeLessThan(0.11)
    })
  })

  test('is the sum of the sizes of its modules', () => {
    for (const { name, minified, shares } of weights) {
      expect(
        shares.reduce((sum, share) => sum + share.minified, 0),
        name,
      ).toBe(minified)
    }
  })

  test('contains no worker code in a page, and no page code in a worker', () => {
    for (const { name, shares } of weights) {
      const modules = shares.map(({ module }) => module)
      if (name.startsWith('worker')) {
        expect(modules.filter((module) => module.startsWith('src/'))).toEqual([])
      } else {
        expect(modules.filter((module) => /^worker\/|socket\.io|idb-keyval/.test(module))).toEqual([])
      }
    }
  })
})
