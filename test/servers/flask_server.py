"""Flask-SocketIO on eventlet."""

import eventlet

eventlet.monkey_patch()

import sys
from functools import partial

from eventlet.event import Event
from flask import Flask, Response, request
from flask_socketio import ConnectionRefusedError, SocketIO, join_room, leave_room

from desk import MESSAGES, Desk

app = Flask(__name__)
socketio = SocketIO(app, async_mode='eventlet', cors_allowed_origins='*')
desk = Desk()


@socketio.on('connect')
def connect(auth):
    if not desk.admits((auth or {}).get('token')):
        raise ConnectionRefusedError('unauthorized')
    desk.connections[request.sid] = set()


@socketio.on('disconnect')
def disconnect():
    desk.connections.pop(request.sid, None)


@socketio.on('join_room')
def join(data):
    if not desk.join(request.sid, data['room']):
        return {'error': 'forbidden'}
    join_room(data['room'])


@socketio.on('leave_room')
def leave(data):
    desk.leave(request.sid, data['room'])
    leave_room(data['room'])


def take(name, payload, id=None):
    answer = desk.take(name, payload, id)
    if answer is None:
        # What a handler returns is always acknowledged, so this one hangs.
        Event().wait()
    return answer.get('data', answer)


for name in MESSAGES:
    socketio.on_event(name, partial(take, name))


@app.get('/version')
def version():
    return {'version': desk.version}


@app.get('/token')
def token():
    return desk.issue()


@app.post('/control/<order>')
def control(order):
    body = request.get_json(force=True)
    if order == 'set':
        desk.set(body)
    elif order == 'reset':
        desk.reset()
    elif order == 'emit':
        event = desk.event(**body)
        socketio.emit(event['type'], event, to=event['room'])
    elif order == 'broadcast':
        socketio.emit(body['type'], body)
    elif order == 'close':
        for sid in list(desk.connections):
            socketio.server.disconnect(sid)
    return desk.state()


@app.after_request
def allow(response: Response):
    response.headers['access-control-allow-origin'] = '*'
    return response


def send_keepalives():
    while True:
        socketio.sleep(desk.keepalive or 0.05)
        if desk.keepalive:
            desk.keepalives += 1
            socketio.emit('keepalive', {'type': 'keepalive', 'data': None})


if __name__ == '__main__':
    socketio.start_background_task(send_keepalives)
    socketio.run(app, host='127.0.0.1', port=int(sys.argv[1]))
