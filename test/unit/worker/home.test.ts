import { expect, test } from 'vitest'
import { homeIn } from '../../../worker/home'

const placeIn = (importScripts: (url?: string) => void) =>
  homeIn({
    name: 'partyline/1/u-17',
    navigator: {},
    location: new URL('https://app/worker.js'),
    onconnect: null,
    importScripts,
    close: () => {},
  }).place

test('a worker runs a module, or a classic script - pages are told which', () => {
  const module = placeIn((url) => {
    // As in Firefox: without an address nothing is imported, and nothing is wrong.
    if (url !== undefined) throw new TypeError('importScripts is not for modules')
  })
  const classic = placeIn((url) => {
    if (url !== undefined) throw new DOMException('no address', 'SyntaxError')
  })
  expect([module?.type, classic?.type]).toEqual(['module', 'classic'])
})
