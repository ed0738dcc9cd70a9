"""FastAPI on uvicorn: a WebSocket endpoint per room, one for all rooms, and server-sent events."""

import asyncio
import json
import sys
from typing import Optional

import uvicorn
from fastapi import FastAPI, Header, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import StreamingResponse

from desk import KEEPALIVE, MESSAGES, Desk, bearer

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=['*'], allow_headers=['*'])
desk = Desk()


class SocketPeer:
    def __init__(self, socket, room=None):
        self.socket = socket
        self.room = room
        # The number of the last event of each room that the client has.
        self.positions = {}

    async def send(self, frame):
        # An endpoint of one room names it in its address.
        body = {key: value for key, value in frame.items() if key != 'room' or not self.room}
        await self.socket.send_json(body)

    async def close(self, code):
        await self.socket.close(code)

    async def keepalive(self):
        await self.send(KEEPALIVE)


class StreamPeer:
    def __init__(self):
        self.queue = asyncio.Queue()

    async def send(self, frame):
        name = f"id: {frame['n']}\n" if 'n' in frame else ''
        self.queue.put_nowait(f"{name}event: {frame['type']}\ndata: {json.dumps(frame)}\n\n")

    async def close(self, code):
        self.queue.put_nowait(None)

    async def keepalive(self):
        self.queue.put_nowait(': keepalive\n\n')


async def to_all(act, peers=None):
    peers = list(desk.connections) if peers is None else peers
    await asyncio.gather(*(act(peer) for peer in peers), return_exceptions=True)


async def admit(socket, token):
    is_admitted = desk.admits(token)
    if not is_admitted and desk.refuses == 'before':
        await socket.close()
        return False
    await socket.accept()
    if not is_admitted:
        await socket.close(4401)
    return is_admitted


async def hear(peer, frame):
    type, room = frame['type'], frame.get('room')
    if type == 'resume':
        peer.positions = frame['positions']
    elif type == 'subscribe' and not desk.join(peer, room):
        await peer.send({'type': 'error', 'room': room, 'reason': 'forbidden'})
    elif type == 'subscribe':
        recovered = room in peer.positions
        await peer.send({'type': 'subscribed', 'room': room, 'recovered': recovered})
        for event in desk.missed([room], peer.positions[room]) if recovered else []:
            await peer.send(event)
    elif type == 'unsubscribe':
        desk.leave(peer, room)
    elif type in MESSAGES and (answer := desk.take(type, frame['data'], frame['id'])):
        await peer.send({'type': 'answer', 'id': frame['id'], **answer})


async def serve(peer, rooms=()):
    desk.connections[peer] = set()
    for room in rooms:
        desk.join(peer, room)
    try:
        while True:
            await hear(peer, await peer.socket.receive_json())
    except WebSocketDisconnect:
        pass
    finally:
        del desk.connections[peer]


@app.websocket('/ws')
async def one_socket(socket: WebSocket, token: Optional[str] = None):
    if await admit(socket, token):
        await serve(SocketPeer(socket))


@app.websocket('/ws/{room}')
async def room_socket(socket: WebSocket, room: str, token: Optional[str] = None):
    if room in desk.denied:
        desk.handshakes.append(token)
        await socket.close()
    elif await admit(socket, token):
        await serve(SocketPeer(socket, room), [room])


def stream(rooms, token, last_id):
    if not desk.admits(token):
        return Response(status_code=401)

    async def events():
        peer = StreamPeer()
        desk.connections[peer] = set()
        for room in rooms:
            desk.join(peer, room)
        try:
            yield ': connected\n\n'
            for event in desk.missed(rooms, int(last_id)) if last_id else []:
                await peer.send(event)
            while (text := await peer.queue.get()) is not None:
                yield text
        finally:
            del desk.connections[peer]

    return StreamingResponse(events(), media_type='text/event-stream')


@app.get('/events')
async def all_events(rooms: str, token: Optional[str] = None, last_event_id: Optional[str] = Header(None)):
    return stream(rooms.split(','), token, last_event_id)


@app.get('/events/{room}')
async def room_events(room: str, token: Optional[str] = None, last_event_id: Optional[str] = Header(None)):
    return stream([room], token, last_event_id)


@app.get('/version')
async def version():
    return {'version': desk.version}


@app.get('/token')
async def token():
    return desk.issue()


@app.get('/me')
async def me(room: Optional[str] = None, authorization: Optional[str] = Header(None)):
    allowed = desk.is_user(bearer(authorization)) and room not in desk.denied
    return Response(status_code=200 if allowed else 403)


@app.post('/control/{order}')
async def control(order: str, request: Request):
    body = await request.json()
    if order == 'set':
        desk.set(body)
    elif order == 'reset':
        desk.reset()
    elif order == 'emit':
        event = desk.event(**body)
        room = event['room']
        await to_all(lambda peer: peer.send(event), [peer for peer, rooms in desk.connections.items() if room in rooms])
    elif order == 'broadcast':
        await to_all(lambda peer: peer.send(body))
    elif order == 'close':
        await to_all(lambda peer: peer.close(body['code']))
    return desk.state()


@app.on_event('startup')
async def send_keepalives():
    async def run():
        while True:
            await asyncio.sleep(desk.keepalive or 0.05)
            if desk.keepalive:
                desk.keepalives += 1
                await to_all(lambda peer: peer.keepalive())

    app.state.keepalives = asyncio.create_task(run())


if __name__ == '__main__':
    uvicorn.run(app, host='127.0.0.1', port=int(sys.argv[1]), log_level='warning')
