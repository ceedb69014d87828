"""Publishes events to a Squilla engine over its JSON WebSocket, with the standard library alone."""
import base64, hashlib, json, os, socket, ssl, struct, threading
from urllib.parse import urlsplit


class Agent:
    def __init__(self, url, streams, token=None):
        at = urlsplit(url)
        self.active, self.closed, self.lock = set(), False, threading.Lock()
        raw = socket.create_connection((at.hostname, at.port or (443 if at.scheme == "wss" else 80)), 5)
        raw.settimeout(None)
        tls = at.scheme == "wss"
        self.socket = ssl.create_default_context().wrap_socket(raw, server_hostname=at.hostname) if tls else raw
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET / HTTP/1.1\r\nHost: {at.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        self.file = self.socket.makefile("rb")
        head = [line.decode().strip() for line in iter(self.file.readline, b"\r\n")]
        proof = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        if f"sec-websocket-accept: {base64.b64encode(proof).decode()}".lower() not in [line.lower() for line in head]:
            raise ConnectionError(head[0] if head else "no answer")
        if token is not None:
            self.say({"token": token})
        self.say({"watch": streams})
        threading.Thread(target=self.listen, daemon=True).start()

    def publish(self, stream, event):
        """Sends the event if some query reads the stream; says whether it did."""
        if self.closed or stream not in self.active:
            return False
        try:
            self.say({"stream": stream, "events": [event]})
        except OSError:
            self.closed = True
        return not self.closed

    def say(self, message):
        self.frame(1, json.dumps(message).encode())

    def frame(self, opcode, data):
        size, mask = len(data), os.urandom(4)
        head = struct.pack("!BB", 128 | opcode, 128 | size) if size < 126 else (
            struct.pack("!BBH", 128 | opcode, 254, size) if size < 65536 else struct.pack("!BBQ", 128 | opcode, 255, size))
        with self.lock:
            self.socket.sendall(head + mask + bytes(byte ^ mask[i & 3] for i, byte in enumerate(data)))

    def listen(self):
        try:
            while head := self.file.read(2):
                size = head[1] & 127
                if size > 125:
                    size = struct.unpack("!H" if size == 126 else "!Q", self.file.read(2 if size == 126 else 8))[0]
                data, opcode = self.file.read(size), head[0] & 15
                if opcode == 9:
                    self.frame(10, data)
                elif opcode == 1 and "active" in (message := json.loads(data)):
                    self.active = set(message["active"])
        except (OSError, ValueError):
            pass
        self.closed = True
