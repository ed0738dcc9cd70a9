import eventlet

eventlet.monkey_patch()

import json
import sqlite3
import sys
from flask import Flask, jsonify
from flask_socketio import SocketIO

app = Flask(__name__)
socketio = SocketIO(app, async_mode='eventlet', cors_allowed_origins='*')

database = sqlite3.connect(sys.argv[2])
database.executescript('''
    create table if not exists messages (number integer primary key, text text);
    create table if not exists answers (id text primary key, answer text, at text default current_timestamp);
''')


def once(id, carry_out):
    """Carries out a message and writes its answer, in one transaction. A repeat of the id gets the first answer."""
    with database:
        before = database.execute('select answer from answers where id = ?', [id]).fetchone()
        if before:
            return json.loads(before[0])
        answer = carry_out()
        database.execute('insert into answers (id, answer) values (?, ?)', [id, json.dumps(answer)])
        database.execute("delete from answers where at < datetime('now', '-1 day')")
        return answer


# A kept message has its id as the second argument, another has none.
@socketio.on('chat:send')
def send(message, id=None):
    text = message['text']
    if text == '':
        return {'error': 'A message needs a text.'}

    def insert():
        return {'number': database.execute('insert into messages (text) values (?)', [text]).lastrowid}

    if id is not None:
        return once(id, insert)
    with database:
        return insert()


@app.get('/messages')
def messages():
    return jsonify([text for (text,) in database.execute('select text from messages order by number')])


if __name__ == '__main__':
    socketio.run(app, host='127.0.0.1', port=int(sys.argv[1]), log_output=True)
