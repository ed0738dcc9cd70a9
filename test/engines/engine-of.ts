import type { Page } from 'playwright'
import type { BrowserCommandContext } from 'vitest/node'
import { chromiumEngine } from './chromium.ts'
import type { Engine } from './engine.ts'
import { firefoxEngine } from './firefox.ts'

const BY_PLAYWRIGHT = { chromium: chromiumEngine, firefox: firefoxEngine }

/** The engine that a command's tests run in. A provider that is not Playwright's adds its `engine` to the command's context. */
export function engineOf(context: BrowserCommandContext): Engine {
  const { engine, page } = context as BrowserCommandContext & {
    readonly engine?: Engine
    readonly page: Page
  }
  if (engine) return engine
  const { name } = context.project.config.browser
  return BY_PLAYWRIGHT[name as keyof typeof BY_PLAYWRIGHT](page)
}
