import { serve } from './node_modules/partyline/dist/standalone/worker.js'

serve({ panels: { overview: ['stats'] } })
