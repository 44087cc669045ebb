"""kazoo over TLS: creates, reads and watches. python3 kazoo_tls.py HOST:PORT CA CERTIFICATE KEY"""

import sys
import threading

from kazoo.client import KazooClient

PATIENCE = 5

address, ca, certificate, key = sys.argv[1:]
client = KazooClient(address, use_ssl=True, ca=ca, certfile=certificate, keyfile=key)
client.start(timeout=PATIENCE)
changed = threading.Event()
client.create("/kazoo", b"one")
print(client.get("/kazoo", watch=lambda event: changed.set())[0].decode())
client.set("/kazoo", b"two")
print("watched" if changed.wait(PATIENCE) else "no event")
client.stop()
