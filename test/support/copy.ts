import { connect } from 'partyline'

/** Loaded as `copy.ts?copy`, this brings a copy of the library of its own. */
Object.assign(window, { copy: connect })
