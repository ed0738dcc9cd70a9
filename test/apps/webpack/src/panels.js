import { numbers } from './rooms.js'

export const overview = [...numbers]
