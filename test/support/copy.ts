import { connect } from 'partyline'

/** A second bundle of a page, which has its own copy of the library. */
Object.assign(window, { copy: connect })
