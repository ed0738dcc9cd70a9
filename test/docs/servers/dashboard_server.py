import eventlet

eventlet.monkey_patch()

import sys
from flask import Flask, request
from flask_socketio import ConnectionRefusedError, SocketIO, join_room, leave_room

app = Flask(__name__)
socketio = SocketIO(app, async_mode='eventlet', cors_allowed_origins='*')


@socketio.on('connect')
def connect(auth):
    if not auth or auth.get('token') != 'good':
        raise ConnectionRefusedError('unauthorized')


@socketio.on('join_room')
def join(data):
    if data['room'].startswith('secret'):
        return {'error': 'forbidden'}
    join_room(data['room'])


@socketio.on('leave_room')
def leave(data):
    leave_room(data['room'])


@app.post('/publish/<room>')
def publish(room):
    socketio.emit('row', {'room': room, 'data': request.get_json()}, to=room)
    return ''


if __name__ == '__main__':
    socketio.run(app, host='127.0.0.1', port=int(sys.argv[1]), log_output=True)
