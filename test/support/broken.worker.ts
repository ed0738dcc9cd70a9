import { serve } from 'partyline/worker'

/** A worker file with a mistake in it. */
serve({ panels: { errors: ['errors'] }, retry: { every: -1 } })
