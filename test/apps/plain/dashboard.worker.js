import { serve } from './node_modules/partyline/dist/worker.js'

serve({ panels: { overview: ['stats'] } })
