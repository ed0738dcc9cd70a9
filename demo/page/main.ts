import { WAY } from './address.ts'

// Wait for the font: text that was laid out in another font would move.
await document.fonts.load('1em "Inter Variable"').catch(() => [])

// Each page loads only what it needs.
if (WAY === 'compare') void import('./compare.ts').then(({ openCompare }) => openCompare(document.body))
else void import('./page.ts').then(({ openPage }) => openPage(document.body))
