import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ROOT } from './entries'

const WORKER_BASE = [
  'shared',
  'worker/clock',
  'worker/deadline',
  'worker/failures',
  'worker/thrown',
  'worker/checks',
  'worker/warnings',
  'worker/merged-gaps',
  'worker/schemas',
]

/** The rooms that messages of the server pass through. */
const WORKER_MIDDLE = [
  ...WORKER_BASE,
  'worker/dialect',
  'worker/link',
  'worker/recorder',
  'worker/rooms',
  'worker/delivery',
  'worker/persistence',
  'worker/sends',
]
/** And those that serve the pages' calls. */
const WORKER_TOP = [
  ...WORKER_MIDDLE,
  'worker/home',
  'worker/succession',
  'worker/sharing',
  'worker/reload',
  'worker/messages',
]

/**
 * The rooms that each room may import, and only rooms above it in this list. A room is a folder, or a file that is not in
 * one of these folders. `npm run lint` checks the product's code against this table, imports of types included.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  shared: [],

  'src/emitter': [],
  'src/failures': ['shared'],
  'src/tab': ['shared'],
  'src/host': ['shared', 'src/emitter', 'src/failures', 'src/tab'],
  'src/line': ['shared', 'src/emitter', 'src/failures', 'src/tab', 'src/host'],
  src: ['shared', 'src/tab', 'src/host', 'src/line'],
  'src/react': ['shared', 'src/line', 'src'],
  'src/testing': ['shared', 'src/emitter', 'src/failures', 'src/host', 'src/tab', 'src/line', 'src'],

  'worker/clock': [],
  'worker/deadline': [],
  'worker/failures': ['shared'],
  'worker/thrown': [],
  'worker/checks': [],
  'worker/warnings': [],
  'worker/merged-gaps': ['shared'],
  'worker/schemas': ['shared'],
  'worker/home': ['shared'],
  'worker/dialect': WORKER_BASE,
  'worker/link': [...WORKER_BASE, 'worker/dialect'],
  'worker/link/socket-io': [...WORKER_BASE, 'worker/dialect', 'worker/link'],
  'worker/link/websocket': [...WORKER_BASE, 'worker/dialect', 'worker/link'],
  'worker/link/action-cable': [...WORKER_BASE, 'worker/dialect', 'worker/link', 'worker/link/websocket'],
  'worker/link/sse': [...WORKER_BASE, 'worker/dialect', 'worker/link'],
  'worker/recorder': ['shared', 'worker/clock', 'worker/link'],
  'worker/rooms': WORKER_BASE,
  'worker/delivery': WORKER_BASE,
  'worker/persistence': [...WORKER_BASE, 'worker/link', 'worker/delivery'],
  'worker/sends': [...WORKER_BASE, 'worker/home', 'worker/dialect', 'worker/link', 'worker/persistence'],
  'worker/succession': [...WORKER_BASE, 'worker/delivery', 'worker/persistence'],
  'worker/sharing': [...WORKER_BASE, 'worker/succession'],
  'worker/reload': WORKER_BASE,
  'worker/messages': WORKER_MIDDLE,
  'worker/pages': WORKER_TOP,
  'worker/relay': [...WORKER_TOP, 'worker/pages'],
  worker: [...WORKER_TOP, 'worker/link/socket-io', 'worker/pages', 'worker/relay'],
  'worker/entries': [
    ...WORKER_TOP,
    'worker/link/websocket',
    'worker/link/action-cable',
    'worker/link/sse',
    'worker/pages',
    'worker/relay',
    'worker',
  ],
  'worker/testing': ['worker/dialect', 'worker/link'],

  'inspector/style': [],
  'inspector/format': [],
  'inspector/dom': [],
  'inspector/history': ['shared', 'inspector/format'],
  'inspector/figures': ['shared', 'inspector/format', 'inspector/dom', 'inspector/history'],
  'inspector/timeline': ['shared', 'inspector/format', 'inspector/dom', 'inspector/history'],
  inspector: [
    'shared',
    'src',
    'inspector/style',
    'inspector/format',
    'inspector/dom',
    'inspector/history',
    'inspector/figures',
    'inspector/timeline',
  ],
}

const SPECIFIER = /(?:from|import) '(\.[^']+)'/g

const files = ['shared', 'src', 'worker', 'inspector'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => `${folder}/${file}`),
)

const moduleOf = (path: string): string => path.replace(/(\/index)?\.tsx?$/, '')

/** The room of a module: the one with the longest name that its path starts with. */
function roomOf(module: string): string {
  const rooms = Object.keys(ROOMS).filter((room) => module === room || module.startsWith(`${room}/`))
  return rooms.sort((a, b) => b.length - a.length)[0] ?? module
}

/** The modules that each module imports. */
const imports = new Map(
  files.map((file) => [
    moduleOf(file),
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(SPECIFIER)].map(([, specifier = '']) =>
      moduleOf(relative(ROOT, join(ROOT, dirname(file), specifier))),
    ),
  ]),
)

function forbiddenImports(): string[] {
  return [...imports].flatMap(([module, all]) => {
    const room = roomOf(module)
    const allowed = [room, ...(ROOMS[room] ?? [])]
    return all
      .filter((imported) => !allowed.includes(roomOf(imported)))
      .map((imported) => `${module} imports ${imported}, but ${room} may not import ${roomOf(imported)}.`)
  })
}

/** Rules of the table that allow a room below, or an unknown one. */
function upwardRules(): string[] {
  const order = Object.keys(ROOMS)
  return Object.entries(ROOMS).flatMap(([room, allowed]) =>
    allowed
      .filter((other) => !(order.indexOf(other) < order.indexOf(room) && order.includes(other)))
      .map((other) => `The table lets ${room} import ${other}, which is not above it.`),
  )
}

function cycles(): string[] {
  const done = new Set<string>()
  const visit = (module: string, path: readonly string[]): string[] => {
    if (path.includes(module))
      return [`${[...path.slice(path.indexOf(module)), module].join(' → ')} is an import cycle.`]
    if (done.has(module)) return []
    const found = (imports.get(module) ?? []).flatMap((next) => visit(next, [...path, module]))
    done.add(module)
    return found
  }
  return [...imports.keys()].flatMap((module) => visit(module, []))
}

const faults = [...upwardRules(), ...forbiddenImports(), ...cycles()]
if (faults.length > 0) {
  console.error(`${faults.join('\n')}\nThe table of allowed imports is in scripts/imports.ts.`)
  process.exit(1)
}
console.log(`${files.length} files have only allowed imports, and no import cycle.`)
