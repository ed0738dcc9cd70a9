import axe from 'axe-core'

// Pages load this script by its address.
Object.assign(window, { axe })
