// Drives Apache's own client through every request it can make. Run by record.py, which sits between it and the
// server. `/drop-connection` is a word to that proxy: answer, then cut the connection.
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.admin.ZooKeeperAdmin;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

public class RecordClient {
    interface Call { Object run() throws Exception; }

    static final Semaphore connected = new Semaphore(0);
    static final Semaphore fired = new Semaphore(0);
    static final Watcher watcher = event -> {
        if (event.getType() != Watcher.Event.EventType.None) fired.release();
        else if (event.getState() == Watcher.Event.KeeperState.SyncConnected) connected.release();
    };

    static byte[] bytes(String text) { return text.getBytes(StandardCharsets.UTF_8); }

    static void refused(Call call) throws Exception {
        try {
            System.err.println("not refused: " + call.run());
        } catch (KeeperException e) {
            System.err.println("refused: " + e.code());
        }
    }

    public static void main(String[] args) throws Exception {
        ZooKeeperAdmin zk = new ZooKeeperAdmin(args[0], 2000, watcher);
        connected.acquire();
        if (args[1].equals("sasl")) {
            try {
                zk.create("/sasl", null, Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
                zk.whoAmI();
            } catch (KeeperException e) {
                System.err.println("refused: " + e.code());
            }
            zk.close();
            System.exit(0);
        }
        create(zk);
        read(zk);
        write(zk);
        multi(zk);
        watches(zk);
        reconnect(zk);
        identities(zk);
        Thread.sleep(1500); // long enough for a ping
        zk.close();
        System.exit(0);
    }

    static void create(ZooKeeper zk) throws Exception {
        zk.create("/java", bytes("root"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        zk.create("/java/null", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        zk.create("/java/empty", new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        zk.create("/java/\u00e9\u20ac", bytes("\u00e9\u20ac"), Ids.READ_ACL_UNSAFE, CreateMode.PERSISTENT, new Stat());
        zk.create("/java/seq-", bytes("s"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL);
        zk.create("/java/eph", bytes("e"), Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        zk.create("/java/eph-", bytes("e"), Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL, new Stat());
        zk.create("/java/container", bytes("c"), Ids.OPEN_ACL_UNSAFE, CreateMode.CONTAINER);
        zk.create("/java/ttl", bytes("t"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, new Stat(), 3600000);
        zk.create("/java/ttl-", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL, new Stat(), 5);
        refused(() -> zk.create("/java", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        refused(() -> zk.create("/no/parent", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, new Stat()));
        refused(() -> zk.create("/java/x", null, Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT));
    }

    static void read(ZooKeeper zk) throws Exception {
        zk.exists("/java/eph", false);
        zk.exists("/missing", false);
        zk.getData("/java", false, new Stat());
        zk.getData("/java/null", false, null);
        zk.getData("/java/empty", false, null);
        refused(() -> zk.getData("/missing", false, null));
        zk.getACL("/java/\u00e9\u20ac", new Stat());
        zk.getChildren("/java", false);
        zk.getChildren("/java", false, new Stat());
        zk.getChildren("/java/eph", false);
        zk.getEphemerals();
        zk.getEphemerals("/java/eph-");
        zk.getAllChildrenNumber("/");
        zk.getConfig(false, new Stat());
        Semaphore synced = new Semaphore(0);
        zk.sync("/missing", (rc, path, context) -> synced.release(), null);
        synced.acquire();
    }

    static void write(ZooKeeper zk) throws Exception {
        zk.setData("/java/null", bytes("not null any more"), 0);
        zk.setData("/java/null", null, -1);
        byte[] large = new byte[3000];
        Arrays.fill(large, (byte) 0xa5);
        zk.setData("/java/empty", large, -1);
        zk.getData("/java/empty", false, null);
        refused(() -> zk.setData("/java/null", null, 0));
        List<ACL> acl = Arrays.asList(
            new ACL(Perms.ALL, Ids.ANYONE_ID_UNSAFE), new ACL(Perms.READ, new Id("ip", "10.0.0.0/8")));
        zk.setACL("/java/empty", acl, 0);
        zk.getACL("/java/empty", new Stat());
        refused(() -> zk.setACL("/java/empty", Collections.singletonList(new ACL(Perms.ALL, new Id("nope", ""))), -1));
        zk.delete("/java/eph", 0);
        refused(() -> { zk.delete("/java", -1); return null; });
    }

    static void multi(ZooKeeper zk) throws Exception {
        zk.multi(Arrays.asList(
            Op.check("/java", 0),
            Op.create("/java/m", bytes("m"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
            Op.create("/java/m/c", null, Ids.OPEN_ACL_UNSAFE, CreateMode.CONTAINER),
            Op.create("/java/m/t", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, 60000),
            Op.create("/java/m/e-", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL),
            Op.setData("/java/m", bytes("n"), 0),
            Op.delete("/java/m/c", -1)));
        refused(() -> zk.multi(Arrays.asList(
            Op.create("/java/f", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
            Op.check("/java/f", 7),
            Op.delete("/java/f", -1))));
        zk.multi(Collections.emptyList());
        zk.multi(Arrays.asList(
            Op.getData("/java/m"), Op.getChildren("/java/m"), Op.getData("/missing"), Op.getData("/java/null")));
    }

    static void watches(ZooKeeper zk) throws Exception {
        zk.exists("/java/w", true);
        zk.create("/java/w", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        zk.getData("/java/w", true, null);
        zk.setData("/java/w", bytes("1"), -1);
        zk.getChildren("/java/w", true);
        zk.create("/java/w/child", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        zk.getData("/java/w/child", true, null);
        zk.delete("/java/w/child", -1);
        fired.acquire(4);
        zk.addWatch("/java/w", watcher, AddWatchMode.PERSISTENT);
        zk.addWatch("/java/m", watcher, AddWatchMode.PERSISTENT_RECURSIVE);
        zk.setData("/java/m/t", bytes("2"), -1);
        fired.acquire();
        zk.removeWatches("/java/w", watcher, Watcher.WatcherType.Any, false);
        zk.removeAllWatches("/java/m", Watcher.WatcherType.Any, false);
        refused(() -> { zk.removeAllWatches("/java/m", Watcher.WatcherType.Data, false); return null; });
    }

    static void reconnect(ZooKeeper zk) throws Exception {
        zk.create("/java/r", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        for (int round = 0; round < 2; round++) {
            fired.drainPermits();
            connected.drainPermits();
            zk.getData("/java/r", true, null);
            zk.exists("/java/r/new" + round, true);
            zk.getChildren("/java/r", true);
            if (round == 1) {
                zk.addWatch("/java/r", watcher, AddWatchMode.PERSISTENT);
                zk.addWatch("/java/m", watcher, AddWatchMode.PERSISTENT_RECURSIVE);
            }
            zk.exists("/drop-connection", false);
            connected.acquire(); // back again; record.py has meanwhile changed what is watched
            fired.acquire(3);
        }
    }

    static void identities(ZooKeeperAdmin zk) throws Exception {
        zk.whoAmI();
        zk.addAuthInfo("digest", bytes("bob:secret"));
        zk.whoAmI();
        zk.create("/java/bobs", null, Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
        zk.getACL("/java/bobs", null);
        refused(() -> zk.reconfigure(null, "9", (String) null, -1, null));
        zk.addAuthInfo("digest", bytes("super:secret"));
        Stat stat = new Stat();
        String config = new String(zk.getConfig(false, stat), StandardCharsets.UTF_8);
        String members = config.substring(0, config.indexOf("\nversion="));
        zk.reconfigure((String) null, null, members, -1, stat);
    }
}
