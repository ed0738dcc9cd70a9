import type { Line } from 'partyline'
import type { InspectedLine, InspectorProps, PartylineInspector } from 'partyline/inspector'
import { createRef } from 'react'
import type { SvelteHTMLElements } from 'svelte/elements'
import type { GlobalComponents } from 'vue'
import type { Dashboard } from './dashboard'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const expectType = <A, B>(_: Equal<A, B>) => {}

declare const line: Line<Dashboard>

// In TSX the element needs only the import.
const ref = createRef<PartylineInspector>()
export const shown = <partyline-inspector line={line} theme="dark" id="inspector" ref={ref} key="one" />
export const empty = <partyline-inspector line={undefined} />

// Vue and Svelte know its properties as well.
type InVue = InstanceType<GlobalComponents['partyline-inspector']>['$props']
type InSvelte = SvelteHTMLElements['partyline-inspector']
expectType<InVue['line'], InspectorProps['line']>(true)
expectType<InSvelte['line'], InspectorProps['line']>(true)
expectType<InspectorProps['line'], InspectedLine | null | undefined>(true)

// Programs that must not compile.

// @ts-expect-error: not a line
export const wrong = <partyline-inspector line="errors" />
// @ts-expect-error: a theme that does not exist
export const pink = <partyline-inspector theme="pink" />
// @ts-expect-error: a property that does not exist
export const other = <partyline-inspector lines={line} />
// @ts-expect-error: an element that does not exist
export const typo = <partyline-inspektor />
