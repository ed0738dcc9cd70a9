export const numbers = ['stats']
