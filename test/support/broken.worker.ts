import { serve } from 'partyline/worker'

/** A worker file with an invalid option. */
serve({ panels: { errors: ['errors'] }, retry: { every: -1 } })
