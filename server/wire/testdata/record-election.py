#!/usr/bin/python3
"""Records what Apache's servers say on an election port.

    /usr/bin/python3 server/wire/testdata/record-election.py CLASS_PATH > server/wire/testdata/apache-X.Y.Z.election

CLASS_PATH is that of a server: `/usr/share/java/zookeeper.jar` is enough for Debian's, for another the jar with its
dependencies (see .m2 or `mvn dependency:copy-dependencies`), separated by colons, and metrics-core among them.

One server of an ensemble of three is real; this program is the other two, on their election ports. Each line is
`initial WHAT HEX` (what the server sent first on a connection it opened) or `notification WHAT HEX` (a body, without
its length). Ports and the zxids of an empty server are all that can differ between two recordings.
"""

import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOST = "127.0.0.1"
LOOKING, FOLLOWING, LEADING, OBSERVING = range(4)
JVM = ["java", "-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
PORTS = {1: (21881, 31881), 2: (21882, 31882), 3: (21883, 31883)}
seen = set()


def say(kind, what, data):
    line = f"{kind} {what} {data.hex()}"
    if line not in seen:
        seen.add(line)
        print(line, flush=True)


def exactly(stream, length):
    data = b""
    while len(data) < length:
        more = stream.recv(length - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def initial(stream):
    head = exactly(stream, 20)
    return head + exactly(stream, struct.unpack(">i", head[16:])[0])


def notification(stream):
    return exactly(stream, struct.unpack(">i", exactly(stream, 4))[0])


class Peer:
    """A server that exists only on its election port."""

    def __init__(self, sid, host=HOST):
        self.sid, self.host = sid, host
        self.listener = socket.create_server((host, PORTS[sid][1]), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.listener.settimeout(30)
        self.stream = None

    def accepted(self):
        stream, _ = self.listener.accept()
        stream.settimeout(30)
        return stream

    def connect(self, to, port):
        """Opens the connection that is kept: this peer's id is the larger one."""
        self.stream = socket.create_connection((to, port), timeout=30)
        address = f"{self.host}:{PORTS[self.sid][1]}".encode()
        self.stream.sendall(struct.pack(">qqi", -65536, self.sid, len(address)) + address)

    def vote(self, state, leader, zxid, round_, epoch, config=b""):
        body = struct.pack(">iqqqqii", state, leader, zxid, round_, epoch, 2, len(config)) + config
        self.stream.sendall(struct.pack(">i", len(body)) + body)

    def close(self):
        for it in (self.stream, self.listener):
            if it is not None:
                it.close()


class Server:
    def __init__(self, class_path, sid=2, host=HOST, observer=False, lines=(), flags=()):
        self.directory = Path(tempfile.mkdtemp(prefix="record-election"))
        role = ":observer" if observer else ""
        # Not the system's localhost: what is recorded does not depend on /etc/hosts.
        config = [f"dataDir={self.directory}", "clientPort=21880", "tickTime=500", "initLimit=20", "syncLimit=4",
                  "admin.enableServer=false", *(["peerType=observer"] if observer else []), *lines]
        for other, (quorum, election) in PORTS.items():
            if not any(line.startswith(f"server.{other}=") for line in lines):
                address = f"[{host}]" if ":" in host else host
                config.append(f"server.{other}={address}:{quorum}:{election}{role if other == sid else ''}")
        (self.directory / "myid").write_text(f"{sid}\n")
        (self.directory / "zoo.cfg").write_text("\n".join(config) + "\n")
        self.process = subprocess.Popen(
            [*JVM, *flags, "-cp", class_path, "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(self.directory / "zoo.cfg")],
            stdout=subprocess.DEVNULL, stderr=open(self.directory / "log", "w"))

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        self.process.kill()
        self.process.wait()
        if failure:
            print((self.directory / "log").read_text()[-3000:], file=sys.stderr)
        shutil.rmtree(self.directory)


def until(stream, wanted):
    """The first notification that is so."""
    while True:
        body = notification(stream)
        if wanted(*struct.unpack(">iqqqq", body[:36])):
            return body


def voters(class_path):
    low, high = Peer(1), Peer(3)
    with Server(class_path):
        low.stream = low.accepted()
        say("initial", "to-a-smaller-id", initial(low.stream))
        say("notification", "looking", notification(low.stream))
        asked = high.accepted()
        say("initial", "to-a-larger-id", initial(asked))
        if asked.recv(1) != b"":
            raise RuntimeError("kept a connection to a larger id")
        high.connect(HOST, PORTS[2][1])
        until(high.stream, lambda state, *_: state == LOOKING)
        # A round ahead and a better vote: it adopts both.
        high.vote(LOOKING, 3, 0x500000007, 9, 5)
        body = until(high.stream, lambda state, leader, *_: leader == 3)
        say("notification", "looking-for-another", body)
        time.sleep(0.5)
        high.vote(LOOKING, 3, 0x500000007, 9, 5)
        say("notification", "following", until(high.stream, lambda state, *_: state == FOLLOWING))
    low.close()
    high.close()

    low, high = Peer(1), Peer(3)
    with Server(class_path):
        low.stream = low.accepted()
        initial(low.stream)
        body = notification(low.stream)
        state, leader, zxid, round_, epoch = struct.unpack(">iqqqq", body[:36])
        low.vote(LOOKING, 2, zxid, round_, epoch)
        time.sleep(0.5)
        low.vote(LOOKING, 1, zxid, round_, epoch)
        say("notification", "leading", until(low.stream, lambda state, *_: state == LEADING))
    low.close()
    high.close()


def observer(class_path):
    low, high = Peer(1), Peer(3)
    with Server(class_path, observer=True):
        low.stream = low.accepted()
        initial(low.stream)
        say("notification", "observer-looking", notification(low.stream))
    low.close()
    high.close()


def addresses(class_path):
    low, high = Peer(1), Peer(3)
    quorum, election = PORTS[2]
    many = f"server.2=127.0.0.1:{quorum}:{election}|127.0.0.2:{quorum}:{election}"
    with Server(class_path, lines=[many], flags=["-Dzookeeper.multiAddress.enabled=true"]):
        low.stream = low.accepted()
        say("initial", "two-addresses", initial(low.stream))
    low.close()
    high.close()
    low, high = Peer(1, "::1"), Peer(3, "::1")
    with Server(class_path, host="::1"):
        low.stream = low.accepted()
        say("initial", "ipv6", initial(low.stream))
    low.close()
    high.close()


print("# by server/wire/testdata/record-election.py; `notification` lines hold no length")
for part in (voters, observer, addresses):
    part(sys.argv[1])
