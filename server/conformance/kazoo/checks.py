"""What the kazoo client relies on, one function a case, against a running server.

    python3 checks.py HOST:PORT

Prints one JSON object a line, {"name", "ok", "detail"}, and exits 0 even when cases fail; another exit code means
that the script itself could not run. Every case works below a node of its own, so cases do not meet.
"""

import json
import os
import sys
import threading
import traceback

from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import (
    BadVersionError,
    InvalidACLError,
    NoAuthError,
    NoChildrenForEphemeralsError,
    NodeExistsError,
    NoNodeError,
    NotEmptyError,
    RolledBackError,
    RuntimeInconsistency,
)
from kazoo.protocol.states import EventType
from kazoo.recipe.barrier import DoubleBarrier
from kazoo.recipe.cache import TreeCache
from kazoo.recipe.watchers import ChildrenWatch, DataWatch
from kazoo.security import OPEN_ACL_UNSAFE, make_acl, make_digest_acl

PATIENCE = 20
CASES = []


def case(function):
    CASES.append(function)
    return function


def client(hosts, **options):
    options.setdefault("timeout", 10.0)
    zk = KazooClient(hosts=hosts, **options)
    zk.start(timeout=PATIENCE)
    return zk


def expect(exception, call, *args, **kwargs):
    try:
        result = call(*args, **kwargs)
    except exception:
        return
    raise AssertionError("expected %s, got %r" % (exception.__name__, result))


class Events:
    """Collects what a watch function is called with."""

    def __init__(self):
        self.seen = []
        self._arrived = threading.Condition()

    def __call__(self, event):
        with self._arrived:
            self.seen.append(event)
            self._arrived.notify_all()

    def wait(self, count):
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.seen) >= count, PATIENCE), self.seen
            return self.seen[:count]


@case
def create_get_set_delete(zk, root, hosts):
    assert zk.create(root + "/a", b"one") == root + "/a"
    data, stat = zk.get(root + "/a")
    assert (data, stat.version, stat.dataLength, stat.numChildren) == (b"one", 0, 3, 0)
    assert zk.set(root + "/a", b"two", version=0).version == 1
    assert zk.get(root + "/a")[0] == b"two"
    zk.delete(root + "/a", version=1)
    assert zk.exists(root + "/a") is None


@case
def errors_have_their_names(zk, root, hosts):
    zk.create(root + "/a/b", makepath=True)
    expect(NodeExistsError, zk.create, root + "/a")
    expect(NoNodeError, zk.create, root + "/x/y")
    expect(NoNodeError, zk.get, root + "/x")
    expect(NoNodeError, zk.set, root + "/x", b"")
    expect(NoNodeError, zk.get_children, root + "/x")
    expect(BadVersionError, zk.set, root + "/a", b"", version=7)
    expect(BadVersionError, zk.delete, root + "/a/b", version=7)
    expect(NotEmptyError, zk.delete, root + "/a")
    expect(InvalidACLError, zk.create, root + "/c", acl=[make_acl("nosuch", "x", all=True)])


@case
def create_with_stat(zk, root, hosts):
    path, stat = zk.create(root + "/a", b"x", include_data=True)
    assert path == root + "/a" and stat.czxid == stat.mzxid == stat.pzxid
    assert zk.exists(path) == stat


@case
def null_data_is_not_empty_data(zk, root, hosts):
    zk.create(root + "/a", b"")
    assert zk.get(root + "/a")[0] == b""
    zk.set(root + "/a", None)
    assert zk.get(root + "/a")[0] in (None, b"")
    assert zk.get(root + "/a")[1].dataLength == 0


@case
def sequences(zk, root, hosts):
    names = [zk.create(root + "/s-", sequence=True)[-10:] for _ in range(5)]
    assert names == ["%010d" % i for i in range(5)], names


@case
def ephemerals_end_with_their_session(zk, root, hosts):
    other = client(hosts)
    path = other.create(root + "/e-", ephemeral=True, sequence=True)
    assert zk.exists(path).ephemeralOwner == other.client_id[0]
    expect(NoChildrenForEphemeralsError, other.create, path + "/child")
    gone = Events()
    assert zk.exists(path, watch=gone)
    other.stop()
    other.close()
    assert gone.wait(1)[0].type == EventType.DELETED


@case
def children(zk, root, hosts):
    for name in "abc":
        zk.create("%s/%s" % (root, name))
    assert sorted(zk.get_children(root)) == ["a", "b", "c"]
    names, stat = zk.get_children(root, include_data=True)
    assert stat.numChildren == 3 and stat.cversion == 3


@case
def recursive_delete(zk, root, hosts):
    zk.ensure_path(root + "/a/b/c/d")
    zk.create(root + "/a/b/x")
    zk.delete(root + "/a", recursive=True)
    assert zk.get_children(root) == []


@case
def unicode_names(zk, root, hosts):
    path = root + "/\u00fc\u65e5\u672c"
    zk.create(path, "\u00fc".encode())
    assert zk.get_children(root) == ["\u00fc\u65e5\u672c"]
    assert zk.get(path)[0].decode() == "\u00fc"


@case
def large_values(zk, root, hosts):
    data = os.urandom(1000000)
    zk.create(root + "/big", data)
    assert zk.get(root + "/big")[0] == data


@case
def transactions(zk, root, hosts):
    zk.create(root + "/a", b"x")
    t = zk.transaction()
    t.check(root + "/a", version=0)
    t.create(root + "/b", b"y")
    t.set_data(root + "/a", b"z")
    t.delete(root + "/b")
    results = t.commit()
    assert results[0] is True and results[1] == root + "/b", results
    assert results[2].version == 1 and results[3] is True, results


@case
def a_failed_transaction_changes_nothing(zk, root, hosts):
    t = zk.transaction()
    t.create(root + "/a")
    t.check(root, version=77)
    t.create(root + "/b")
    results = t.commit()
    kinds = [type(result) for result in results]
    assert kinds == [RolledBackError, BadVersionError, RuntimeInconsistency], results
    assert zk.get_children(root) == []


@case
def acls(zk, root, hosts):
    acl = make_digest_acl("bob", "pw", all=True)
    zk.create(root + "/a", b"secret", acl=[acl])
    expect(NoAuthError, zk.get, root + "/a")
    bob = client(hosts, auth_data=[("digest", "bob:pw")])
    assert bob.get(root + "/a")[0] == b"secret"
    assert bob.get_acls(root + "/a")[0] == [acl]
    assert bob.set_acls(root + "/a", OPEN_ACL_UNSAFE).aversion == 1
    assert zk.get(root + "/a")[0] == b"secret"
    bob.stop()
    bob.close()


@case
def auth_on_a_running_connection(zk, root, hosts):
    other = client(hosts)
    other.add_auth("digest", "eve:pw")
    other.create(root + "/a", acl=[make_acl("auth", "", all=True)])
    (acl,), _ = other.get_acls(root + "/a")
    assert acl.id.id.startswith("eve:"), acl
    expect(NoAuthError, zk.set, root + "/a", b"")
    other.stop()
    other.close()


@case
def one_shot_watches(zk, root, hosts):
    events = Events()
    assert zk.exists(root + "/a", watch=events) is None
    zk.create(root + "/a")
    assert events.wait(1)[0].type == EventType.CREATED
    zk.get(root + "/a", watch=events)
    zk.set(root + "/a", b"1")
    zk.set(root + "/a", b"2")
    assert events.wait(2)[1].type == EventType.CHANGED
    zk.get_children(root, watch=events)
    zk.delete(root + "/a")
    assert events.wait(3)[2].type == EventType.CHILD
    zk.sync(root)
    assert len(events.seen) == 3, events.seen


@case
def data_watch(zk, root, hosts):
    seen = Events()
    DataWatch(zk, root + "/a", func=lambda data, stat: seen(data))
    seen.wait(1)
    zk.create(root + "/a", b"1")
    seen.wait(2)
    zk.set(root + "/a", b"2")
    assert seen.wait(3)[1:] == [b"1", b"2"], seen.seen


@case
def children_watch(zk, root, hosts):
    seen = Events()
    ChildrenWatch(zk, root, func=lambda names: seen(sorted(names)))
    seen.wait(1)
    zk.create(root + "/a")
    seen.wait(2)
    zk.create(root + "/b")
    assert seen.wait(3) == [[], ["a"], ["a", "b"]]


@case
def watches_survive_a_reconnect(zk, root, hosts):
    other = client(hosts)
    missed = Events()
    kept = Events()
    zk.create(root + "/missed")
    zk.create(root + "/kept")
    other.get(root + "/missed", watch=missed)
    other.get(root + "/kept", watch=kept)
    session = other.client_id
    suspended = threading.Event()
    connected = threading.Event()

    def on_state(state):
        if state == KazooState.SUSPENDED:
            suspended.set()
        elif suspended.is_set():
            connected.set()

    other.add_listener(on_state)
    other._connection._socket.shutdown(2)
    assert suspended.wait(PATIENCE)
    assert connected.wait(PATIENCE)
    assert other.client_id == session
    zk.set(root + "/kept", b"x")
    zk.set(root + "/missed", b"x")
    # kazoo does not send setWatches: it tells its watchers that the connection was lost.
    assert missed.wait(1) and kept.wait(1)
    other.stop()
    other.close()


@case
def an_expired_session_is_told_so(zk, root, hosts):
    other = client(hosts)
    lost = threading.Event()
    other.add_listener(lambda state: lost.set() if state == KazooState.LOST else None)
    session, password = other.client_id
    thief = KazooClient(hosts=hosts, client_id=(session, password), timeout=10.0)
    thief.start(timeout=PATIENCE)
    thief.stop()
    thief.close()
    assert lost.wait(PATIENCE), "the session was closed, and its other owner did not notice"
    other.stop()
    other.close()


@case
def asynchronous_requests_in_order(zk, root, hosts):
    zk.create(root + "/n", b"0")
    requests = [zk.set_async(root + "/n", b"%d" % i) for i in range(300)]
    versions = [request.get(timeout=PATIENCE).version for request in requests]
    assert versions == list(range(1, 301)), versions
    assert zk.get(root + "/n")[0] == b"299"


@case
def chroot(zk, root, hosts):
    other = client(hosts + root)
    other.create("/inside", b"x")
    assert zk.get(root + "/inside")[0] == b"x"
    events = Events()
    other.get("/inside", watch=events)
    zk.set(root + "/inside", b"y")
    assert events.wait(1)[0].path == "/inside"
    other.stop()
    other.close()


@case
def sync(zk, root, hosts):
    assert zk.sync(root) == root


@case
def four_letter_words(zk, root, hosts):
    assert zk.command(b"ruok").strip() == "imok"
    assert "zk_server_state" in zk.command(b"mntr")


@case
def server_version(zk, root, hosts):
    # kazoo reads it from envi.
    assert zk.server_version()[0] >= 3


@case
def locks(zk, root, hosts):
    inside, most, mistakes = [0], [0], []
    guard = threading.Lock()

    def contend(name):
        try:
            other = client(hosts)
            for _ in range(3):
                with other.Lock(root + "/lock", name):
                    with guard:
                        inside[0] += 1
                        most[0] = max(most[0], inside[0])
                    other.sync(root)
                    with guard:
                        inside[0] -= 1
            other.stop()
            other.close()
        except Exception as error:
            mistakes.append(error)

    threads = [threading.Thread(target=contend, args=("c%d" % i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not mistakes and most[0] == 1, (mistakes, most)


@case
def read_write_locks(zk, root, hosts):
    with zk.ReadLock(root + "/rw"):
        with zk.ReadLock(root + "/rw"):
            assert not zk.WriteLock(root + "/rw").acquire(blocking=False)
    assert zk.WriteLock(root + "/rw").acquire(blocking=False)


@case
def semaphore(zk, root, hosts):
    first = zk.Semaphore(root + "/s", max_leases=1)
    assert first.acquire()
    assert not zk.Semaphore(root + "/s", max_leases=1).acquire(blocking=False)
    first.release()


@case
def election(zk, root, hosts):
    winners = []
    zk.Election(root + "/el", "me").run(lambda: winners.append("me"))
    assert winners == ["me"]


@case
def queues(zk, root, hosts):
    queue = zk.Queue(root + "/q")
    for value in (b"one", b"two", b"three"):
        queue.put(value)
    assert [queue.get() for _ in range(3)] == [b"one", b"two", b"three"]
    locking = zk.LockingQueue(root + "/lq")
    locking.put(b"x")
    assert locking.get(timeout=PATIENCE) == b"x" and locking.consume()


@case
def counter(zk, root, hosts):
    number = zk.Counter(root + "/c")
    number += 5
    number -= 2
    assert number.value == 3


@case
def party(zk, root, hosts):
    member = zk.Party(root + "/p", "me")
    member.join()
    assert list(zk.Party(root + "/p")) == ["me"]
    member.leave()
    assert len(zk.Party(root + "/p")) == 0


@case
def barrier(zk, root, hosts):
    gate = zk.Barrier(root + "/b")
    gate.create()
    assert gate.wait(0.01) is False
    waited = []
    thread = threading.Thread(target=lambda: waited.append(gate.wait(PATIENCE)))
    thread.start()
    gate.remove()
    thread.join(PATIENCE)
    assert waited == [True]


@case
def double_barrier(zk, root, hosts):
    other = client(hosts)
    thread = threading.Thread(target=DoubleBarrier(other, root + "/d", 2, "other").enter)
    thread.start()
    mine = DoubleBarrier(zk, root + "/d", 2, "mine")
    mine.enter()
    thread.join(PATIENCE)
    assert mine.participating
    other.stop()
    other.close()


@case
def tree_cache(zk, root, hosts):
    zk.create(root + "/t/a", b"1", makepath=True)
    cache = TreeCache(zk, root + "/t")
    filled = threading.Event()
    changed = threading.Event()
    cache.listen(lambda event: filled.set() if event.event_type == 6 else None)
    cache.start()
    assert filled.wait(PATIENCE)
    cache.listen(lambda event: changed.set())
    zk.set(root + "/t/a", b"2")
    assert changed.wait(PATIENCE)
    assert cache.get_data(root + "/t/a").data == b"2"
    cache.close()


def main(hosts):
    zk = client(hosts)
    # Left behind: some cases make nodes that this client may not delete.
    base = zk.create("/kazoo-", sequence=True)
    for function in CASES:
        root = zk.create("%s/%s" % (base, function.__name__))
        try:
            function(zk, root, hosts)
            result = {"ok": True, "detail": ""}
        except Exception:
            result = {"ok": False, "detail": traceback.format_exc(limit=3)}
        print(json.dumps({"name": function.__name__, **result}), flush=True)
    zk.stop()
    zk.close()


if __name__ == "__main__":
    main(sys.argv[1])
