import { type Dialect, roomDialect, serve } from 'partyline/worker'
import { channelDialect } from '../dialects/channels'
import { errorDialect } from '../dialects/errors'
import { numberedDialect } from '../dialects/numbered'
import { phoenixDialect } from '../dialects/phoenix'

/** The worker of a dashboard with one of the dialects of the docs. Its address has the dialect and the server. */

const query = new URL(location.href).searchParams
const dialects: Readonly<Record<string, Dialect>> = {
  channels: channelDialect,
  errors: errorDialect,
  flask: roomDialect,
  numbered: numberedDialect,
  phoenix: phoenixDialect,
}
const dialect = dialects[query.get('kind') ?? '']
const token = query.get('token')

const switchboard = serve({
  url: query.get('url') ?? '',
  panels: { errors: ['errors'], vault: ['secret'] },
  ...(dialect && { dialect }),
  ...(token && { token: () => token }),
})
export type Dashboard = typeof switchboard
