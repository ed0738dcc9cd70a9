import { numbers } from './rooms'

export const overview = [...numbers] as const
