"""Django Channels on daphne, with its layer in Redis. Users are known by a JWT in the query."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import time
from urllib.parse import parse_qs

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=['*'],
    SECRET_KEY='secret',
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    CHANNEL_LAYERS={
        'default': {
            'BACKEND': 'channels_redis.core.RedisChannelLayer',
            'CONFIG': {'hosts': [os.environ['REDIS_URL']]},
        }
    },
)
django.setup()

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.http import HttpResponse, JsonResponse
from django.urls import path

from desk import KEEPALIVE, MESSAGES, Desk, bearer

ALL = 'all'
group_of = 'room.{}'.format
desk = Desk()
# How long a token is valid, in seconds. None: the test says which are, and when they end.
desk.set({'token_life': None})


def part(data):
    return base64.urlsafe_b64encode(data).decode().rstrip('=')


def sign(claims):
    text = '.'.join(part(json.dumps(each).encode()) for each in ({'alg': 'HS256', 'typ': 'JWT'}, claims))
    return f'{text}.{part(hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).digest())}'


def claims_in(token):
    """The claims of a token that is signed by this server and has not expired."""
    try:
        _, body, _ = token.split('.')
        claims = json.loads(base64.urlsafe_b64decode(body + '=='))
        return claims if token == sign(claims) and claims['exp'] > time.time() else None
    except (AttributeError, ValueError):
        return None


def is_user(token):
    return claims_in(token) is not None if desk.token_life else desk.is_user(token)


class DashboardConsumer(AsyncJsonWebsocketConsumer):
    groups = [ALL]

    async def connect(self):
        token = parse_qs(self.scope['query_string'].decode()).get('token', [None])[0]
        desk.handshakes.append(token)
        if not is_user(token) and desk.refuses == 'before':
            return await self.close()
        await self.accept()
        if not is_user(token):
            return await self.close(4401)
        desk.connections[self] = set()
        if desk.token_life:
            self.expiry = asyncio.create_task(self.expire(claims_in(token)['exp']))

    async def expire(self, at):
        await asyncio.sleep(at - time.time())
        await self.close(4401)

    async def disconnect(self, code):
        for room in desk.connections.pop(self, ()):
            await self.channel_layer.group_discard(group_of(room), self.channel_name)

    async def receive_json(self, content):
        type, room = content['type'], content.get('room')
        if type == 'subscribe':
            if not desk.join(self, room):
                return await self.send_json({'type': 'error', 'room': room, 'reason': 'forbidden'})
            await self.channel_layer.group_add(group_of(room), self.channel_name)
            await self.send_json({'type': 'subscribed', 'room': room})
        elif type == 'unsubscribe':
            desk.leave(self, room)
            await self.channel_layer.group_discard(group_of(room), self.channel_name)
        elif type in MESSAGES and (answer := desk.take(type, content['data'], content['id'])):
            await self.send_json({'type': 'answer', 'id': content['id'], **answer})

    async def frame(self, message):
        await self.send_json(message['frame'])

    async def end(self, message):
        # Daphne sends no other codes than 1000 and those from 3000 on.
        await self.close(message['code'] if message['code'] >= 3000 else None)


def to_group(group, frame):
    return get_channel_layer().group_send(group, {'type': 'frame', 'frame': frame})


async def send_keepalives():
    while True:
        await asyncio.sleep(desk.keepalive or 0.05)
        if desk.keepalive:
            desk.keepalives += 1
            await to_group(ALL, KEEPALIVE)


def answer(response):
    response['access-control-allow-origin'] = '*'
    response['access-control-allow-headers'] = 'authorization'
    return response


async def version(request):
    return answer(JsonResponse({'version': desk.version}))


async def token(request):
    issued = desk.issue()
    if desk.token_life:
        issued = {'token': sign({'sub': 'user', 'n': desk.issued, 'exp': time.time() + desk.token_life})}
    return answer(JsonResponse(issued))


async def me(request):
    is_asked = request.method == 'OPTIONS'
    allowed = is_asked or is_user(bearer(request.headers.get('authorization')))
    return answer(HttpResponse(status=200 if allowed else 403))


async def control(request, order):
    if not hasattr(desk, 'sender'):
        desk.sender = asyncio.create_task(send_keepalives())
    body = json.loads(request.body)
    if order == 'set':
        desk.set(body)
    elif order == 'reset':
        desk.reset()
        desk.set({'token_life': None})
    elif order == 'emit':
        event = desk.event(**body)
        await to_group(group_of(event['room']), event)
    elif order == 'broadcast':
        await to_group(ALL, body)
    elif order == 'close':
        await get_channel_layer().group_send(ALL, {'type': 'end', 'code': body['code']})
    return JsonResponse(desk.state())


urlpatterns = [
    path('version', version),
    path('token', token),
    path('me', me),
    path('control/<str:order>', control),
]

application = ProtocolTypeRouter(
    {
        'http': get_asgi_application(),
        'websocket': URLRouter([path('ws', DashboardConsumer.as_asgi())]),
    }
)
