import { serve } from 'partyline/worker'

serve({ panels: { overview: ['stats'] } })
