import type { Development } from './edits'

/** The apps in which Partyline is tested. Each has a folder here with the files that a user would write. */

export interface App {
  readonly name: string
  readonly folder: string
  /** Package versions that replace those in its package.json. */
  readonly versions?: Readonly<Record<string, string>>
  /** Commands to run after `npm install`, with the app's own tools. */
  readonly build: readonly (readonly string[])[]
  /** Where its pages come from: files in a folder, or the app's own server. */
  readonly pages: { readonly files: string } | { readonly command: (port: number) => readonly string[] }
  /** Set for a dev server. Then files of the worker are edited, too. */
  readonly development?: Development
  /** What the server's HTML contains before any script has run. */
  readonly rendered?: string
}

const tsc = (version: string, module: string, moduleResolution: string) => [
  'node',
  `node_modules/${version}/bin/tsc`,
  ...['--module', module, '--moduleResolution', moduleResolution],
]

/** Checks the declarations with the oldest supported TypeScript and the newest. */
const TYPES = ['typescript-5.5', 'typescript'].flatMap((version) => [
  tsc(version, 'node16', 'node16'),
  tsc(version, 'esnext', 'bundler'),
])

const viteDev = (port: number) => ['vite', '--host', '127.0.0.1', '--strictPort', '--port', `${port}`]
const webpackServe = (port: number) => [
  ...['webpack', 'serve', '--mode', 'development', '--output-public-path', '/dist/'],
  ...['--host', '127.0.0.1', '--port', `${port}`],
]
const nextDev = (port: number) => ['next', 'dev', '--hostname', '127.0.0.1', '--port', `${port}`]
const nextStart = (port: number) => ['next', 'start', '--hostname', '127.0.0.1', '--port', `${port}`]

export const APPS: readonly App[] = [
  { name: 'plain', folder: 'plain', build: [], pages: { files: '.' } },
  { name: 'vite-8', folder: 'vite', build: [...TYPES, ['vite', 'build']], pages: { files: 'dist' } },
  {
    name: 'vite-8-dev',
    folder: 'vite',
    build: [],
    pages: { command: viteDev },
    development: { worker: 'src/dashboard.worker.ts', update: 'reload' },
  },
  {
    name: 'vite-6',
    folder: 'vite',
    versions: { vite: '^6' },
    build: [['vite', 'build']],
    pages: { files: 'dist' },
  },
  {
    name: 'vite-6-dev',
    folder: 'vite',
    versions: { vite: '^6' },
    build: [],
    pages: { command: viteDev },
    development: { worker: 'src/dashboard.worker.ts', update: 'reload' },
  },
  {
    name: 'webpack-5',
    folder: 'webpack',
    build: [['webpack', '--mode', 'production', '--output-path', 'public/dist']],
    pages: { files: 'public' },
  },
  {
    name: 'webpack-5-dev',
    folder: 'webpack',
    build: [],
    pages: { command: webpackServe },
    development: { worker: 'src/dashboard.worker.js', update: 'hot' },
  },
  {
    name: 'next',
    folder: 'next',
    build: [['next', 'build']],
    pages: { command: nextStart },
    rendered: '<output id="state">connecting</output>',
  },
  {
    name: 'next-dev',
    folder: 'next',
    build: [],
    pages: { command: nextDev },
    rendered: '<output id="state">connecting</output>',
    development: { worker: 'app/dashboard.worker.ts', update: 'none' },
  },
  {
    name: 'next-webpack',
    folder: 'next',
    build: [['next', 'build', '--webpack']],
    pages: { command: nextStart },
    rendered: '<output id="state">connecting</output>',
  },
  {
    name: 'next-webpack-dev',
    folder: 'next',
    build: [],
    pages: { command: (port) => [...nextDev(port), '--webpack'] },
    rendered: '<output id="state">connecting</output>',
    development: { worker: 'app/dashboard.worker.ts', update: 'hot' },
  },
]
