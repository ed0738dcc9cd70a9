// biome-ignore-all lint/suspicious/noTsIgnore: only the user's compiler knows which of these frameworks is installed
import type { InspectedLine, PartylineInspector } from './element'

/** The properties of `<partyline-inspector>` that a template can set, beside those of every element. */
export interface InspectorProps {
  /** The line to show. Set it as a property: an attribute would turn it into text. */
  readonly line?: InspectedLine | null | undefined
  /** Overrides the system's theme. */
  readonly theme?: 'light' | 'dark' | undefined
}

// The element's types for each framework. A framework that is not installed would be a compile error for the user, so
// `@ts-ignore` stands before each part. It has to be a JSDoc comment: only those are kept in the declaration files.

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
