import { serve } from 'partyline/worker'
import { overview } from './panels.js'

serve({ panels: { overview } })
