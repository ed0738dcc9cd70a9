'use client'

import { connect, type Line } from 'partyline'
import 'partyline/inspector'
import { useLatest, useStatus } from 'partyline/react'
import { useEffect, useState } from 'react'
import type { Dashboard } from './dashboard.worker'

export function Overview() {
  const [line, setLine] = useState<Line<Dashboard>>()
  useEffect(() => {
    const line = connect<Dashboard>(
      (options) =>
        new SharedWorker(new URL('./dashboard.worker.ts', import.meta.url), { ...options, type: 'module' }),
    )
    line.on('gap', ({ rooms }) => console.error('gap', rooms))
    Object.assign(window, { line })
    setLine(line)
    return () => line.close()
  }, [])
  return (
    <>
      <output id="state">{useStatus(line).state}</output>
      <output id="value">{useLatest(line, 'overview')?.data.n}</output>
      <partyline-inspector line={line} />
    </>
  )
}
