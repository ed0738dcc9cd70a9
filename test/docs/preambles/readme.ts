declare const connect: typeof import('partyline').connect
declare const reloader: typeof import('partyline').reloader
declare function render(room: string, data: unknown): void
