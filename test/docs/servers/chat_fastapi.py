import sys
import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
texts = []
# The answer to each message, by its id. In a database, write it in the transaction that carries out the message.
answers = {}


def send(text):
    if text == '':
        return {'error': 'A message needs a text.'}
    texts.append(text)
    return {'data': {'number': len(texts)}}


@app.websocket('/ws')
async def page(socket: WebSocket):
    await socket.accept()
    try:
        while True:
            frame = await socket.receive_json()
            if frame['type'] == 'subscribe':
                await socket.send_json({'type': 'subscribed', 'room': frame['room']})
            elif frame['type'] == 'chat:send':
                id = frame['id']
                if id not in answers:
                    answers[id] = send(frame['data']['text'])
                await socket.send_json({'type': 'answer', 'id': id, **answers[id]})
    except WebSocketDisconnect:
        pass


@app.get('/messages')
async def messages():
    return texts


if __name__ == '__main__':
    uvicorn.run(app, host='127.0.0.1', port=int(sys.argv[1]))
