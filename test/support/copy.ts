import { connect } from 'partyline'

/** A second bundle for a page, with its own copy of the library. */
Object.assign(window, { copy: connect })
