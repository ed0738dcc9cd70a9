/** The names of Partyline's databases. */
export const databaseNames = async (): Promise<string[]> =>
  (await indexedDB.databases()).map(({ name = '' }) => name).filter((name) => name.startsWith('partyline/'))
