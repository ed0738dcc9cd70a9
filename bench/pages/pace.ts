/** The retry delay of all contenders: a random 250 to 750 ms. */
export const retry = () => 250 + Math.random() * 500

/** The same as options of socket.io-client. */
export const PACE = { reconnectionDelay: 500, reconnectionDelayMax: 500, randomizationFactor: 0.5 }
