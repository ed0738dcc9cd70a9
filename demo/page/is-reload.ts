/** Whether this page is a reload of the tab's last one. The page of a duplicated tab is not, although it has the same storage. */
export const isReload = (): boolean =>
  performance
    .getEntriesByType('navigation')
    .some((entry) => (entry as PerformanceNavigationTiming).type === 'reload')
