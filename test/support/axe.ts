import axe from 'axe-core'

// Loaded into a page by its address.
Object.assign(window, { axe })
