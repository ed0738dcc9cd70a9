export type { LinkHarness } from './harness'
export type { Scenario } from './scenario'
export { linkScenarios } from './scenarios'
