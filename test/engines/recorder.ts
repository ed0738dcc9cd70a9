import { relative } from 'node:path'
import type { Reporter, TestModule, Vitest } from 'vitest/node'
import { type Outcome, writeRecord } from './records.ts'

/** Records the outcome of each test file that has run whole. */
export class Recorder implements Reporter {
  #vitest: Vitest | undefined

  onInit(vitest: Vitest) {
    this.#vitest = vitest
  }

  onTestModuleEnd({ project, moduleId, children, state }: TestModule) {
    // With `-t`, the tests of other names are skipped without a reason.
    if (this.#vitest?.config.testNamePattern) return
    const outcomes = [...children.allTests()].map((test): Outcome => {
      const result = test.result()
      return {
        name: test.fullName,
        state: result.state === 'pending' ? 'failed' : result.state,
        reason: result.state === 'skipped' ? result.note : undefined,
        ms: Math.round(test.diagnostic()?.duration ?? 0),
      }
    })
    const file = relative(project.vitest.config.root, moduleId)
    // A file that cannot be loaded has no tests.
    const broken: Outcome = { name: 'the file', state: 'failed' }
    writeRecord(
      project.config.browser.name,
      file,
      outcomes.length === 0 && state() === 'failed' ? [broken] : outcomes,
    )
  }
}
