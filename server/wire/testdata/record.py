#!/usr/bin/python3
"""Records what Apache's clients and an Apache server say to each other, and the transactions that server logs.

    /usr/bin/python3 server/wire/testdata/record.py

writes apache-3.8.0.frames and apache-3.8.0.txns beside itself. It needs Debian's openjdk-17-jdk-headless,
libzookeeper-java and python3-kazoo, and node_modules (for node-zookeeper-client, the one that does not know
readOnly). Each client talks to a server of one voter through a proxy in this process that notes the frames.

  .frames  `connection N <client>` opens one; `N > hex` is a frame's payload from the client, `N < hex` one from
           the server, in the order in which the proxy passed them on.
  .txns    the hex of one log entry's transaction a line, without checksum and end mark.

Lines that begin with # are comments.
"""

import base64
import hashlib
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from pathlib import Path

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.security import OPEN_ACL_UNSAFE, make_digest_acl

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
JARS = "/usr/share/java"
CLASS_PATH = ":".join(f"{JARS}/{jar}" for jar in ("zookeeper.jar", "zookeeper-jute.jar", "slf4j-nop.jar"))
SUPER = "super:" + base64.b64encode(hashlib.sha1(b"super:secret").digest()).decode()
JAAS = """
Server { org.apache.zookeeper.server.auth.DigestLoginModule required user_bob="secret"; };
Client { org.apache.zookeeper.server.auth.DigestLoginModule required username="bob" password="%s"; };
"""


def free_port():
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Server:
    """An Apache server, its own quorum of one, in a directory that goes away with it."""

    def __init__(self, *flags):
        self.directory = tempfile.TemporaryDirectory()
        home = Path(self.directory.name)
        self.data = home / "data"
        self.data.mkdir()
        self.port = free_port()
        (self.data / "myid").write_text("1")
        (home / "jaas.conf").write_text(JAAS % "secret")
        (home / "zoo.cfg").write_text(
            f"tickTime=500\ninitLimit=10\nsyncLimit=4\ndataDir={self.data}\nadmin.enableServer=false\n"
            "standaloneEnabled=false\nreconfigEnabled=true\nextendedTypesEnabled=true\n"
            "authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider\n"
            f"server.1=127.0.0.1:{free_port()}:{free_port()};127.0.0.1:{self.port}\n"
        )
        self.process = subprocess.Popen(
            ["java", "-Xmx128m", "-XX:+UseSerialGC", "-Dzookeeper.preAllocSize=64",
             f"-Djava.security.auth.login.config={home}/jaas.conf",
             f"-Dzookeeper.DigestAuthenticationProvider.superDigest={SUPER}", *flags, "-cp", CLASS_PATH,
             "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(home / "zoo.cfg")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.directory.cleanup()

    def transactions(self):
        """Every log entry's transaction; the checksum says that the cut is right."""
        for log in sorted((self.data / "version-2").glob("log.*"), key=lambda path: int(path.suffix[1:], 16)):
            content = log.read_bytes()
            at = 16
            while at + 12 <= len(content):
                checksum, length = struct.unpack_from(">qi", content, at)
                if length == 0:
                    break
                entry = content[at + 12 : at + 12 + length]
                assert zlib.adler32(entry) == checksum and content[at + 12 + length] == 0x42
                yield entry
                at += 13 + length


class Proxy:
    def __init__(self, server_port):
        self.server_port = server_port
        self.lines = []
        self.lock = threading.Lock()
        self.connections = 0
        self.client = ""
        self.on_drop = lambda: None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            far = socket.create_connection(("127.0.0.1", self.server_port))
            with self.lock:
                self.connections += 1
                number = self.connections
                self.lines.append(f"connection {number} {self.client}")
            dropping = threading.Event()
            threading.Thread(target=self.pass_on, args=(near, far, f"{number} >", dropping), daemon=True).start()
            threading.Thread(target=self.pass_on, args=(far, near, f"{number} <", dropping), daemon=True).start()

    def pass_on(self, source, target, prefix, dropping):
        try:
            with source.makefile("rb") as stream:
                while len(head := stream.read(4)) == 4:
                    payload = stream.read(struct.unpack(">i", head)[0])
                    is_request = prefix.endswith(">")
                    if is_request and b"/drop-connection" in payload:
                        dropping.set()
                    cut = dropping.is_set() and not is_request
                    with self.lock:
                        self.lines.append(f"{prefix} {payload.hex()}")
                    if cut:
                        self.on_drop()
                    target.sendall(head + payload)
                    if cut:
                        break
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def wait_until_serving(port):
    client = KazooClient(f"127.0.0.1:{port}", timeout=4.0)
    client.start(timeout=30)
    return client


def java_client(proxy, mode, directory, password="secret"):
    jaas = Path(directory) / "client.conf"
    jaas.write_text(JAAS % password)
    flags = [f"-Djava.security.auth.login.config={jaas}"] if mode == "sasl" else ["-Dzookeeper.sasl.client=false"]
    subprocess.run(["java", "-XX:+UseSerialGC", *flags, "-cp", f"{CLASS_PATH}:{directory}", "RecordClient",
                    f"127.0.0.1:{proxy.port}", mode], check=True, timeout=60)


def refused(call):
    try:
        call()
    except KazooException as error:
        return error
    raise AssertionError("not refused")


def kazoo_client(proxy):
    zk = KazooClient(f"127.0.0.1:{proxy.port}", timeout=4.0)
    zk.start(timeout=10)
    zk.create("/kazoo", b"root")
    zk.create("/kazoo/astral", "\U0001f600".encode(), acl=[make_digest_acl("\u00e9", "pw", read=True), *OPEN_ACL_UNSAFE])
    zk.create("/kazoo/s-", b"", ephemeral=True, sequence=True, include_data=True)
    zk.exists("/kazoo", watch=lambda event: None)
    zk.get("/kazoo")
    zk.get_children("/kazoo", include_data=True, watch=lambda event: None)
    zk.set("/kazoo", b"changed")
    zk.get_acls("/kazoo/astral")
    zk.sync("/kazoo")
    zk.add_auth("digest", "bob:secret")
    refused(lambda: zk.get("/missing"))
    good = zk.transaction()
    good.create("/kazoo/t", b"t")
    good.set_data("/kazoo/t", b"u")
    good.check("/kazoo/t", 1)
    good.delete("/kazoo/t", 1)
    good.commit()
    bad = zk.transaction()
    bad.create("/kazoo/u", b"")
    bad.set_data("/missing", b"")
    bad.delete("/kazoo/u")
    bad.commit()
    refused(lambda: zk.reconfig(joining=None, leaving="9", new_members=None))
    zk.delete("/kazoo/astral")
    zk.stop()
    zk.close()


NODE_CLIENT = """
const client = require('node-zookeeper-client').createClient(process.argv[1], { sessionTimeout: 4000 });
client.once('connected', () =>
  client.create('/node', Buffer.from('n'), () =>
    client.getData('/node', () => client.getChildren('/', () => client.exists('/missing', () =>
      client.addAuthInfo('digest', Buffer.from('bob:secret')) || client.close())))));
client.once('disconnected', () => process.exit(0));
client.connect();
"""


def change_what_is_watched(direct):
    rounds = iter(range(2))

    def change():
        new = f"/java/r/new{next(rounds)}"
        direct.set("/java/r", b"changed")
        direct.create(new)

    return change


def record_clients(directory):
    with Server() as server:
        direct = wait_until_serving(server.port)
        proxy = Proxy(server.port)
        proxy.on_drop = change_what_is_watched(direct)
        proxy.client = "java"
        java_client(proxy, "all", directory)
        proxy.client = "java-sasl"
        java_client(proxy, "sasl", directory)
        proxy.client = "java-sasl-refused"
        java_client(proxy, "sasl", directory, password="wrong")
        proxy.client = "kazoo"
        kazoo_client(proxy)
        proxy.client = "node-zookeeper-client"
        subprocess.run(["node", "-e", NODE_CLIENT, f"127.0.0.1:{proxy.port}"], cwd=ROOT, check=True, timeout=20)
        direct.stop()
        time.sleep(0.3)
        return proxy.lines, list(server.transactions())


def record_session(*flags):
    """A session with an ephemeral, on a server with these flags: what closeSession logs depends on them."""
    with Server(*flags) as server:
        zk = wait_until_serving(server.port)
        zk.create("/e", b"", ephemeral=True)
        zk.stop()
        time.sleep(0.3)
        return list(server.transactions())


def main():
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(["javac", "-cp", CLASS_PATH, "-d", directory, str(HERE / "RecordClient.java")], check=True)
        frames, txns = record_clients(directory)
    no_paths = "-Dzookeeper.closeSessionTxn.enabled=false"
    no_digest = "-Dzookeeper.digest.enabled=false"
    sections = {
        "": txns,
        no_paths: record_session(no_paths),
        no_digest: record_session(no_digest),
        f"{no_paths} {no_digest}": record_session(no_paths, no_digest),
    }
    header = "# Apache ZooKeeper 3.8.0 (Debian 3.8.0-11); made by record.py"
    (HERE / "apache-3.8.0.frames").write_text("\n".join([header, *frames]) + "\n")
    lines = [header]
    for flags, entries in sections.items():
        lines += [f"# server {flags}".rstrip(), *(entry.hex() for entry in entries)]
    (HERE / "apache-3.8.0.txns").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    # As an exception, so that the servers end with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
