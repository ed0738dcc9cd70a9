'use client'

import { connect } from 'partyline'
import { useEffect, useState } from 'react'
import type { Dashboard } from './dashboard.worker'

export function Overview() {
  const [state, setState] = useState('connecting')
  const [value, setValue] = useState<number>()
  useEffect(() => {
    const line = connect<Dashboard>(
      (options) =>
        new SharedWorker(new URL('./dashboard.worker.ts', import.meta.url), { ...options, type: 'module' }),
    )
    line.on('status', (status) => setState(status.state))
    line.subscribe('overview', ({ data }) => setValue(data.n))
    return () => line.close()
  }, [])
  return (
    <>
      <output id="state">{state}</output>
      <output id="value">{value}</output>
    </>
  )
}
