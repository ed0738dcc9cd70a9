"""What a test sets on a server, and what the server has seen: the same for each server in Python."""


class Desk:
    def __init__(self):
        # Each open connection, and its rooms.
        self.connections = {}
        self.reset()

    def reset(self):
        self.version = 'v1'
        # The tokens that are accepted. None: every connection is.
        self.tokens = None
        # When another token is refused: 'before' the connection is accepted, or 'after' it.
        self.refuses = 'after'
        self.denied = []
        # The seconds between two keepalives, if there are any.
        self.keepalive = None
        self.keepalives = 0
        # The token of each handshake.
        self.handshakes = []
        self.issued = 0
        # `join x`, `leave x`, in the order they came.
        self.asked = []
        # The numbered events of all rooms.
        self.history = []
        # The messages of pages as [name, payload], each id once, and how many came again.
        self.messages = []
        self.ids = set()
        self.repeats = 0
        # Whether messages are answered.
        self.answers = True

    def set(self, settings):
        for name, value in settings.items():
            setattr(self, name, value)

    def is_user(self, token):
        return self.tokens is None or token in self.tokens

    def admits(self, token):
        self.handshakes.append(token)
        return self.is_user(token)

    def issue(self):
        self.issued += 1
        return {'token': f'token-{self.issued}'}

    def join(self, connection, room):
        self.asked.append(f'join {room}')
        if room in self.denied:
            return False
        self.connections[connection].add(room)
        return True

    def leave(self, connection, room):
        self.asked.append(f'leave {room}')
        self.connections[connection].discard(room)

    def event(self, room, type, data):
        """Numbers an event, and keeps it."""
        event = {'type': type, 'room': room, 'n': len(self.history) + 1, 'data': data}
        self.history.append(event)
        return event

    def missed(self, rooms, after):
        return [event for event in self.history if event['room'] in rooms and event['n'] > after]

    def take(self, name, payload, id=None):
        """Notes a message of a page, if its id is new. Returns the answer, or None where there is none."""
        if id is not None and id in self.ids:
            self.repeats += 1
        else:
            self.messages.append([name, payload])
            self.ids.add(id)
        if name == 'ignore' or not self.answers:
            return None
        return {'error': 'not allowed'} if name == 'refuse' else {'data': payload}

    def state(self):
        return {
            'rooms': [sorted(rooms) for rooms in self.connections.values()],
            'handshakes': self.handshakes,
            'issued': self.issued,
            'asked': self.asked,
            'keepalives': self.keepalives,
            'messages': self.messages,
            'repeats': self.repeats,
        }


# What pages may send. `ignore` is never answered.
MESSAGES = ['echo', 'refuse', 'ignore']

KEEPALIVE = {'type': 'keepalive', 'data': None}


def bearer(header):
    return (header or '').removeprefix('Bearer ')
