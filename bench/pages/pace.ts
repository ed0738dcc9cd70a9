/** The pace of retries, the same for all contenders: each delay anywhere in 250…750 ms, drawn anew each time. */
export const retry = () => 250 + Math.random() * 500

/** The same in socket.io-client's words. */
export const PACE = { reconnectionDelay: 500, reconnectionDelayMax: 500, randomizationFactor: 0.5 }
