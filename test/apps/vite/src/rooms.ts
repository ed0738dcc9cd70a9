export interface Rooms {
  [room: string]: { n: number }
}

export const numbers = ['stats'] as const
