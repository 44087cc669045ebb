#!/usr/bin/python3
"""Records what the servers of an Apache ensemble say to each other on the quorum port.

    /usr/bin/python3 server/wire/testdata/record_quorum.py [jar:jar:… | directory/*]

writes apache-<version>.packets beside itself. It needs what record.py needs; without a class path it takes
Debian's ZooKeeper. Each learner reaches the leader through a proxy in this process, which cuts the stream itself,
with a parser that has nothing in common with ours, and notes each packet before it passes it on.

All servers have one configuration, as reconfig wants it; the way through the proxy is in their hosts files. A server
finds its own name at 127.0.0.1, and that of server N at 127.0.1.N, where the proxy listens on the same ports.

  connection N <FOLLOWERINFO or OBSERVERINFO> <sid> <scene>
  N > hex            a packet from the learner
  N < hex            one from the leader
  N snapshot hex     what follows a SNAP, signature included

Lines that begin with # are comments. The scenes, each on what the one before has left:

  start      three participants and an observer with nothing in their databases; clients of a follower and of the
             observer, a session that expires, one that moves to another server, one that is refused there
  diff       a follower is started again after it has missed some writes
  trunc      the leader logs a write that no follower gets, is killed, and comes back to another leader
  snap       a follower and the observer are started with nothing, beside a session, ACLs and ephemerals
  reconfig   of an ensemble of its own, with two participants and an observer: a server joins
"""

import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from kazoo.client import KazooClient
from kazoo.security import OPEN_ACL_UNSAFE, make_digest_acl

sys.dont_write_bytecode = True

from record import CLASS_PATH, HERE, free_port, refused

HOST = "127.0.0.1"
TICK = 2.0
TRUNC_SECONDS = 0.5


class Cut(Exception):
    """The stream has ended."""


class PacketStream:
    """Reads one packet, or one snapshot, after the other off a socket, and gives the bytes of each."""

    def __init__(self, source):
        self.stream = source.makefile("rb")
        self.taken = b""

    def take(self, length):
        got = self.stream.read(length)
        if len(got) < length:
            raise Cut
        self.taken += got
        return got

    def unpack(self, layout):
        return struct.unpack(">" + layout, self.take(struct.calcsize(">" + layout)))

    def buffer(self):
        (length,) = self.unpack("i")
        return self.take(max(length, 0))

    def done(self):
        taken, self.taken = self.taken, b""
        return taken

    def packet(self):
        kind, _ = self.unpack("iq")
        data = self.buffer()
        (ids,) = self.unpack("i")
        for _ in range(2 * max(ids, 0)):
            self.buffer()
        return kind, data, self.done()

    def snapshot(self):
        (sessions,) = self.unpack("i")
        self.take(12 * sessions)
        (acls,) = self.unpack("i")
        for _ in range(acls):
            _, entries = self.unpack("qi")
            for _ in range(entries):
                self.unpack("i")
                self.buffer()
                self.buffer()
        while self.buffer() != b"/":
            self.buffer()
            self.take(8 + 60)
        assert self.buffer() == b"BenWasHere"
        return self.done()


def listen(host, port, serve):
    listener = socket.create_server((host, port))

    def accept():
        while True:
            near, _ = listener.accept()
            threading.Thread(target=serve, args=(near,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def shut(*ends):
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Proxy:
    """Stands before a server's quorum port, and lets through what is for its election port."""

    def __init__(self, recording, sid, quorum, election):
        self.recording = recording
        self.quorum = quorum
        self.election = election
        self.is_held = False
        listen(f"127.0.1.{sid}", quorum, self.serve_quorum)
        listen(f"127.0.1.{sid}", election, self.serve_election)

    def serve_quorum(self, near):
        try:
            far = self.connect_to_leader()
        except OSError:
            near.close()
            return
        number = self.recording.number()
        backward = threading.Thread(target=self.record, args=(far, near, number, "<"), daemon=True)
        backward.start()
        self.record(near, far, number, ">")
        backward.join()

    def connect_to_leader(self):
        """A learner comes when it has elected; whom it has elected may need a moment more to listen."""
        for _ in range(100):
            try:
                return socket.create_connection((HOST, self.quorum))
            except ConnectionRefusedError:
                time.sleep(0.05)
        raise ConnectionRefusedError

    def record(self, source, target, number, direction):
        stream = PacketStream(source)
        try:
            while True:
                kind, data, packet = stream.packet()
                if direction == "<" and self.is_held:
                    continue
                if kind in (11, 16) and len(data) == 20:
                    self.recording.begin(number, kind, struct.unpack_from(">q", data)[0])
                self.recording.note(number, direction, packet)
                target.sendall(packet)
                if kind == 15:
                    snapshot = stream.snapshot()
                    self.recording.note(number, "snapshot", snapshot)
                    target.sendall(snapshot)
        except (Cut, OSError):
            pass
        shut(source, target)

    def serve_election(self, near):
        try:
            far = socket.create_connection((HOST, self.election))
        except OSError:
            near.close()
            return
        threading.Thread(target=self.pass_on, args=(far, near), daemon=True).start()
        self.pass_on(near, far)

    def pass_on(self, source, target):
        try:
            while some := source.recv(65536):
                target.sendall(some)
        except OSError:
            pass
        shut(source, target)


class Recording:
    def __init__(self):
        self.lock = threading.Lock()
        self.lines = []
        self.scene = "start"
        self.connections = 0

    def number(self):
        with self.lock:
            self.connections += 1
            return self.connections

    def begin(self, number, kind, sid):
        name = "FOLLOWERINFO" if kind == 11 else "OBSERVERINFO"
        with self.lock:
            self.lines.append(f"connection {number} {name} {sid} {self.scene}")

    def note(self, number, direction, content):
        with self.lock:
            self.lines.append(f"{number} {direction} {content.hex()}")


class Ensemble:
    """Servers 1…N, the last one an observer. They end when this does."""

    def __init__(self, recording, class_path, size, settings="", flags=()):
        self.directory = tempfile.TemporaryDirectory()
        self.class_path = class_path
        self.flags = flags
        self.sids = range(1, size + 1)
        self.observer = size
        self.client = {sid: free_port() for sid in self.sids}
        self.quorum = {sid: free_port() for sid in self.sids}
        self.election = {sid: free_port() for sid in self.sids}
        self.proxies = {sid: Proxy(recording, sid, self.quorum[sid], self.election[sid]) for sid in self.sids}
        self.processes = {}
        for sid in self.sids:
            self.write_config(sid, settings)

    def __enter__(self):
        for sid in self.sids:
            self.start(sid)
        self.wait_until_serving()
        return self

    def __exit__(self, *_):
        for sid in self.sids:
            self.kill(sid)
        self.directory.cleanup()

    def home(self, sid):
        return Path(self.directory.name) / str(sid)

    def write_config(self, sid, settings):
        data = self.home(sid) / "data"
        data.mkdir(parents=True)
        (data / "myid").write_text(str(sid))
        lines = [
            f"tickTime={int(TICK * 1000)}", "initLimit=10", "syncLimit=4", f"dataDir={data}",
            "minSessionTimeout=1000", "admin.enableServer=false", "standaloneEnabled=false",
            "extendedTypesEnabled=true", "4lw.commands.whitelist=srvr", settings,
        ]
        for each in self.sids:
            role = "observer" if each == self.observer else "participant"
            lines.append(
                f"server.{each}=zoo{each}:{self.quorum[each]}:{self.election[each]}:{role};{HOST}:{self.client[each]}")
        hosts = [f"{HOST if each == sid else f'127.0.1.{each}'} zoo{each}" for each in self.sids]
        (self.home(sid) / "hosts").write_text("\n".join(hosts) + "\n")
        if sid == self.observer:
            lines.append("peerType=observer")
        (self.home(sid) / "zoo.cfg").write_text("\n".join(lines) + "\n")

    def start(self, sid):
        self.processes[sid] = subprocess.Popen(
            ["java", "-Xmx96m", "-XX:+UseSerialGC", "-Dzookeeper.preAllocSize=64",
             f"-Djdk.net.hosts.file={self.home(sid)}/hosts", *self.flags, "-cp", self.class_path,
             "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(self.home(sid) / "zoo.cfg")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self, sid):
        process = self.processes.pop(sid, None)
        if process is not None:
            process.kill()
            process.wait()

    def wipe(self, sid):
        shutil.rmtree(self.home(sid) / "data" / "version-2")

    def srvr(self, sid):
        try:
            with socket.create_connection((HOST, self.client[sid]), timeout=2) as client:
                client.sendall(b"srvr")
                return client.makefile("rb").read().decode()
        except OSError:
            return ""

    def wait_until_serving(self):
        deadline = time.monotonic() + 60
        while not all("Mode:" in self.srvr(sid) for sid in self.processes):
            assert time.monotonic() < deadline, "not serving"
            time.sleep(0.1)

    def leader(self):
        return next(sid for sid in self.processes if "Mode: leader" in self.srvr(sid))

    def followers(self):
        return [sid for sid in self.processes if "Mode: follower" in self.srvr(sid)]

    def version(self):
        return self.srvr(self.sids[0]).split("Zookeeper version: ")[1].split("-")[0]

    def kazoo(self, sid):
        zk = KazooClient(f"{HOST}:{self.client[sid]}", timeout=8.0)
        zk.start(timeout=20)
        return zk


class RawClient:
    """A session whose connection can break, and go on elsewhere, when we say so."""

    def __init__(self, port, timeout, session=(0, bytes(16))):
        self.socket = socket.create_connection((HOST, port), timeout=20)
        request = struct.pack(">iqiqi", 0, 0, timeout, session[0], 16) + session[1] + b"\0"
        self.send(request)
        payload = self.receive()
        self.timeout, sid = struct.unpack_from(">iq", payload, 4)
        self.session = (sid, payload[20:36])

    def send(self, payload):
        self.socket.sendall(struct.pack(">i", len(payload)) + payload)

    def receive(self):
        stream = self.socket.makefile("rb")
        return stream.read(struct.unpack(">i", stream.read(4))[0])

    def create_null(self, path):
        name = path.encode()
        entry = struct.pack(">ii5si6s", 31, 5, b"world", 6, b"anyone")
        self.send(struct.pack(f">iii{len(name)}sii", 1, 1, len(name), name, -1, 1) + entry + struct.pack(">i", 0))
        self.receive()

    def close_session(self):
        self.send(struct.pack(">ii", 1, -11))
        self.receive()
        self.socket.close()


def every_kind_of_write(zk, base):
    zk.add_auth("digest", "bob:secret")
    zk.create(base, b"root", acl=[make_digest_acl("bob", "secret", all=True), *OPEN_ACL_UNSAFE])
    zk.create(f"{base}/\u00e9", "\U0001f600".encode(), ephemeral=True)
    zk.create(f"{base}/s-", b"", ephemeral=True, sequence=True, include_data=True)
    zk.set(base, b"changed")
    zk.set_acls(base, [make_digest_acl("\u00e9", "pw", read=True), *OPEN_ACL_UNSAFE])
    refused(lambda: zk.create(base, b""))
    refused(lambda: zk.delete("/missing"))
    zk.sync(base)
    good = zk.transaction()
    good.create(f"{base}/t", b"t")
    good.set_data(f"{base}/t", b"u")
    good.check(f"{base}/t", 1)
    good.delete(f"{base}/t", 1)
    good.commit()
    bad = zk.transaction()
    bad.create(f"{base}/u", b"")
    bad.delete("/missing")
    bad.commit()
    zk.delete(f"{base}/s-0000000001")


def end(zk):
    zk.stop()
    zk.close()


def start_scene(ensemble):
    follower = ensemble.followers()[0]
    for sid, base in ((follower, "/follower"), (ensemble.observer, "/observer")):
        zk = ensemble.kazoo(sid)
        every_kind_of_write(zk, base)
        end(zk)
    expiring = RawClient(ensemble.client[follower], 1000)
    expiring.socket.close()
    moving = RawClient(ensemble.client[follower], 20_000)
    for sid in (ensemble.observer, ensemble.followers()[1], follower):
        moving.socket.close()
        moving = RawClient(ensemble.client[sid], 20_000, moving.session)
        assert moving.timeout > 0, "the session did not move"
    moving.close_session()
    for sid in (follower, ensemble.observer):
        assert RawClient(ensemble.client[sid], 20_000, moving.session).timeout == 0, "a closed session went on"
    # Until the one that is to expire has, and a touch has travelled with a ping.
    time.sleep(2.5 * TICK)


def diff_scene(ensemble):
    down = ensemble.followers()[0]
    ensemble.kill(down)
    zk = ensemble.kazoo(ensemble.leader())
    for i in range(5):
        zk.set("/follower", b"missed %d" % i)
    end(zk)
    ensemble.start(down)
    ensemble.wait_until_serving()


def trunc_scene(ensemble):
    leader = ensemble.leader()
    proxy = ensemble.proxies[leader]
    proxy.is_held = True
    unheard = socket.create_connection((HOST, ensemble.client[leader]))
    unheard.sendall(struct.pack(">iiqiqi", 45, 0, 0, 4000, 0, 16) + bytes(17))
    time.sleep(TRUNC_SECONDS)
    ensemble.kill(leader)
    unheard.close()
    proxy.is_held = False
    ensemble.wait_until_serving()
    ensemble.start(leader)
    ensemble.wait_until_serving()


def snap_scene(ensemble):
    zk = ensemble.kazoo(ensemble.leader())
    every_kind_of_write(zk, "/snapshot")
    raw = RawClient(ensemble.client[ensemble.leader()], 20_000)
    raw.create_null("/null")
    for sid in (ensemble.followers()[0], ensemble.observer):
        ensemble.kill(sid)
        ensemble.wipe(sid)
        ensemble.start(sid)
        ensemble.wait_until_serving()
    zk.set("/snapshot", b"after")
    end(zk)


def reconfig_scene(ensemble):
    zk = ensemble.kazoo(ensemble.followers()[0])
    joining = f"server.9={HOST}:{free_port()}:{free_port()}:observer;{HOST}:{free_port()}"
    zk.reconfig(joining=joining, leaving=None, new_members=None)
    zk.create("/after", b"")
    end(zk)
    time.sleep(TICK / 2)


def main():
    class_path = sys.argv[1] if len(sys.argv) > 1 else CLASS_PATH
    recording = Recording()
    with Ensemble(recording, class_path, 4) as ensemble:
        version = ensemble.version()
        for scene in (start_scene, diff_scene, trunc_scene, snap_scene):
            recording.scene = scene.__name__.removesuffix("_scene")
            print(recording.scene, file=sys.stderr)
            scene(ensemble)
    recording.scene = "reconfig"
    with Ensemble(recording, class_path, 3, "reconfigEnabled=true", ["-Dzookeeper.skipACL=yes"]) as ensemble:
        reconfig_scene(ensemble)
    header = f"# Apache ZooKeeper {version}; made by record_quorum.py"
    (HERE / f"apache-{version}.packets").write_text("\n".join([header, *recording.lines]) + "\n")


if __name__ == "__main__":
    # As an exception, so that the servers end with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
