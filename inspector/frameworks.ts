// biome-ignore-all lint/suspicious/noTsIgnore: which of these frameworks is installed, only the user's compiler knows
import type { InspectedLine, PartylineInspector } from './element'

/** What a template can set on `<partyline-inspector>`, beside what any element has. */
export interface InspectorProps {
  /** The line that is shown. A property: it must reach the element as an object, and not as text. */
  readonly line?: InspectedLine | null | undefined
  /** Overrules the system's choice. */
  readonly theme?: 'light' | 'dark' | undefined
}

// What a framework knows of the element. Where one is not installed, its part is an error: the comment before each such
// line keeps it out of the user's compiler, and is written so that it is still there in the declarations.

/** @ts-ignore */
declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      /** @ts-ignore */
      'partyline-inspector': InspectorProps & import('react').HTMLProps<PartylineInspector>
    }
  }
}

/** @ts-ignore */
declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      /** @ts-ignore */
      'partyline-inspector': InspectorProps & import('preact').HTMLAttributes<PartylineInspector>
    }
  }
}

/** @ts-ignore */
declare module 'solid-js' {
  namespace JSX {
    interface IntrinsicElements {
      /** @ts-ignore */
      'partyline-inspector': InspectorProps & import('solid-js').JSX.HTMLAttributes<PartylineInspector>
    }
  }
}

/** @ts-ignore */
declare module 'vue' {
  interface GlobalComponents {
    /** @ts-ignore */
    'partyline-inspector': import('vue').DefineComponent<InspectorProps>
  }
}

/** @ts-ignore */
declare module 'svelte/elements' {
  interface SvelteHTMLElements {
    /** @ts-ignore */
    'partyline-inspector': InspectorProps & import('svelte/elements').HTMLAttributes<PartylineInspector>
  }
}
