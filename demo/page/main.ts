import { WAY } from './address.ts'

// What is laid out in another font first moves when this one comes.
await document.fonts.load('1em "Inter Variable"').catch(() => [])

// Each way loads only what it needs: the usual one has no worker, Partyline's page no socket.
if (WAY === 'compare') void import('./compare.ts').then(({ openCompare }) => openCompare(document.body))
else void import('./page.ts').then(({ openPage }) => openPage(document.body))
