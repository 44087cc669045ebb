import java.util.*;
import org.apache.zookeeper.server.quorum.flexible.*;

/**
 * Records what Apache's own verifiers make of generated ensembles, four lines each: the zoo.cfg lines, the config
 * text, the weight of each voter, and for every subset of the voters (bit i: the voter with the i-th smallest id)
 * whether it is a quorum.
 *
 *   J=/usr/share/java
 *   java -cp $J/zookeeper.jar:$J/zookeeper-jute.jar:$J/slf4j-api.jar:$J/slf4j-nop.jar RecordQuorums.java \
 *     > apache-3.8.0.quorums
 */
public class RecordQuorums {
  public static void main(String[] arguments) throws Exception {
    Random random = new Random(1);
    for (int recorded = 0; recorded < 150; ) {
      List<String> lines = ensemble(random);
      Properties properties = new Properties();
      for (String line : lines) {
        String[] parts = line.split("=");
        properties.setProperty(parts[0], parts[1]);
      }
      boolean isHierarchical = lines.stream().anyMatch(line -> line.startsWith("group"));
      QuorumVerifier verifier = isHierarchical ? new QuorumHierarchical(properties) : new QuorumMaj(properties);
      List<Long> voters = new ArrayList<>(new TreeSet<>(verifier.getVotingMembers().keySet()));
      Set<Long> everybody = new HashSet<>(voters);
      // Refused here: nothing could ever be decided.
      if (!verifier.containsQuorum(everybody)) continue;
      recorded++;
      System.out.println(String.join(" ", lines));
      System.out.println(verifier.toString().replace("\n", " "));
      StringJoiner weights = new StringJoiner(" ");
      for (Long voter : voters) weights.add(Long.toString(verifier.getWeight(voter)));
      System.out.println(weights);
      StringBuilder verdicts = new StringBuilder();
      for (int bits = 0; bits < 1 << voters.size(); bits++) {
        Set<Long> some = new HashSet<>();
        for (int i = 0; i < voters.size(); i++) if ((bits >> i & 1) == 1) some.add(voters.get(i));
        verdicts.append(verifier.containsQuorum(some) ? '1' : '0');
      }
      System.out.println(verdicts);
    }
  }

  /** Up to seven participants in up to four groups, and observers; no two ids in one bucket of a hash table. */
  private static List<String> ensemble(Random random) {
    List<String> lines = new ArrayList<>();
    int count = 1 + random.nextInt(7);
    int observers = random.nextInt(3);
    for (int id = 1; id <= count; id++) lines.add("server." + id + "=zoo" + id + ":2888:3888");
    for (int id = 24; id < 24 + observers; id++) lines.add("server." + id + "=zoo" + id + ":2888:3888:observer;2181");
    if (random.nextInt(4) == 0) return lines;
    List<StringJoiner> groups = new ArrayList<>();
    for (int group = 0; group <= random.nextInt(4); group++) groups.add(new StringJoiner(":"));
    for (int id = 1; id <= count; id++) groups.get(random.nextInt(groups.size())).add(Integer.toString(id));
    for (int group = 0; group < groups.size(); group++) {
      if (groups.get(group).length() > 0) lines.add("group." + (30 - group) + "=" + groups.get(group));
    }
    for (int id = 1; id <= count; id++) if (random.nextBoolean()) lines.add("weight." + id + "=" + random.nextInt(6));
    if (random.nextBoolean()) lines.add("weight.24=" + random.nextInt(6));
    return lines;
  }
}
