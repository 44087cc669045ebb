/**
 * What a right ensemble promises, by the name of the finding that breaks it: why the operations of such a finding have no
 * legal order. The finding's own words say what was seen; these say why that cannot be.
 */
export const PROMISES = {
  // ---- one session
  'session went back in time':
    'The replies of a session tell of states in their order, whichever server answers: none is of an older state than one before it.',
  'time went back':
    'Who has seen a state is shown that one or a later one, whichever server answers: states have one order, and a session follows it.',
  'replies out of order':
    'The requests of a session are done and answered in the order in which they were sent, each once.',
  'order of a connection broken':
    'What was sent first over a connection is done first, so what was sent behind it has the greater number.',

  // ---- the order of writes
  'lost write':
    'What was acknowledged stays until a later write replaces it, and who reads behind a sync is shown it or what came later.',
  'written out of order':
    'Writes are linearizable: one that was asked for after another had been acknowledged comes after it, and makes a later version.',
  'writes not in real-time order':
    'Writes are linearizable: one that was asked for after another had been acknowledged comes after it, and has a greater zxid.',
  'not linearizable':
    'Each operation takes effect at one moment between its request and its answer. Whatever moments are chosen, some answer is not what a znode would have said then.',
  'two writes with one zxid': 'Every write has its own place in the order, and so a zxid of its own.',
  'write without a zxid of its own':
    'Every write has a zxid of its own, greater than all that its session had been told before.',
  'applied twice':
    'A request is done once at most; done twice it has two places in the order, and two zxids.',
  'torn multi': 'A multi is done as a whole, at one place in the order: all its parts have one zxid.',
  'split multi': 'A multi is done as a whole or not at all, and its reply says so part by part.',
  'write nobody asked for': 'Every committed write is that of one request, and this one was never sent.',
  'wrong write':
    'A write that is acknowledged is in the logs at the zxid of its reply, as it was asked for, on the state before it, and behind all that had been acknowledged when it was sent.',
  'wrong path': 'The reply to a create names the znode that was made.',
  'impossible txn':
    'A committed change has to be possible on the state that all before it have made; otherwise it has no place in the order.',
  'logs that disagree': 'There is one order of writes: at one zxid all servers have logged the same.',
  'trees differ': 'Servers that have done the same writes in the same order hold the same tree.',

  // ---- reads
  'wrong read': 'A read shows exactly the state of the zxid that its reply names, and that one is committed.',
  'stale read':
    'A reply shows the state of the zxid that it names, and by then a later write had replaced what it shows.',
  'read from the future':
    'Nothing is shown before it is asked for: a reply cannot be of a zxid that a later request was given.',
  'value from the future':
    'A reply shows the state of the zxid that it names, and what it shows was written at a later one.',
  'invented value': 'A znode holds what a write has put there, and nobody wrote this.',
  'value of another node': 'A write changes its own znode, and no other.',
  'value of a failed write': 'A write that was refused has changed nothing.',
  'wrong value': 'A reply shows the state of the zxid that it names, in which another write was the last.',
  'corrupted value': 'The value and the Stat of a znode are those of its last write.',
  'invented write': 'Every change is made by a write, and none that was asked for can have made this one.',
  'wrong stat': 'The Stat of a znode is what the writes up to the zxid of the reply have made it.',
  'missing node': 'A znode is there from its create to its delete, and nobody can have deleted it by then.',
  'resurrected node': 'A znode is there from its create to its delete, and nobody can have made it again.',
  'deleted node is back':
    'A delete that was acknowledged stays done, and nobody can have made the znode again.',
  'wrong refusal': 'A request is refused for what stands against it, and at that zxid nothing did.',
  'read of what was not written':
    'A read shows what some write has put there. None of those asked for by then has written this.',
  'read before it was written':
    'A write takes effect after it was asked for, so that an answer from before cannot show it.',
  'seen before it was asked for':
    'A write takes effect after it was asked for, so that an answer from before cannot show it.',
  'lost or stale':
    'Who reads behind a sync is shown what had been acknowledged when the sync was sent, or what came later.',
  stale: 'Who reads behind a sync is shown what had been acknowledged when the sync was sent.',

  // ---- versions
  'value in another version': 'A write makes one version of its znode, and its value is shown with that one.',
  'version given twice':
    'Each write makes the version after the one before it, so that two writes of a znode never make the same.',
  'compared with another version':
    'A conditional write is done on the version that it names, and makes the next.',
  'wrong version':
    'A conditional write or check passes on the version that it names and on no other, and each write makes the next.',

  // ---- creates, deletes and children
  'created twice':
    'A create is done only where there is nothing, and nobody can have deleted the znode before it.',
  'child of a missing node': 'A create is done only below a parent that is there.',
  'wrong delete': 'A delete is done only where there is a znode, of the version that it names.',
  'deleted with children': 'A znode that has children is not deleted.',
  'duplicate sequence': 'Each sequential create below a parent has a greater number than those before it.',
  'sequence went down': 'Each sequential create below a parent has a greater number than those before it.',
  'wrong sequence':
    'The number of a sequential znode is how many children its parent had ever had before it.',
  'wrong number of children': 'A list shows the children that creates have made and deletes have left.',
  'wrong child counters':
    'cversion and pzxid of a parent count the creates and deletes of its children, and name the last.',
  'lost children': 'What was created, acknowledged and not deleted is there in the end.',
  'invented children':
    'No more children can be there than were created, counting all creates of which nobody knows whether they were done.',
  'there before it was added':
    'Nobody else uses this name, so before this create there can have been no such znode.',
  'removed twice':
    'What was added once can be removed once: between two deletes there would have to be a create.',
  'removed and never added': 'A delete is done only where there is a znode, and nobody had made one.',
  'never added': 'A list shows what was made, and nothing before somebody had asked to make it.',
  'listed twice': 'A parent has each child once.',
  'other name': 'A sequential znode is called what was asked for and its number, and has no other name.',
  lost: 'What was acknowledged is there until somebody takes it away or its session ends, and neither had happened.',
  vanished:
    'Who has seen a znode sees it until somebody takes it away or its session ends, and neither had happened.',
  'came back':
    'States are shown to a session in their order, and nobody adds a name twice: what it has seen gone stays gone.',
  'shown after its end':
    'Who reads behind a sync is shown no state from before it, and by then the znode had ended.',
  'number given twice': 'Numbers below a parent only rise, so that each is given once.',
  'number out of order':
    'A create that was asked for after another had been acknowledged comes after it, and has a greater number.',
  'left out':
    'A list with a later number is of a time after the earlier create, and without that one of a time after its end, which there was not.',
  'made twice': 'A create is done only where there is nothing, and nobody deletes this.',
  'there before it was made': 'A znode is there after its create, and nobody had asked for one.',
  'gone again': 'Nobody deletes this: who was told that it is there cannot be told later that it is not.',

  // ---- sessions and their ephemeral znodes
  'act of an ended session': 'A session that has ended changes nothing any more.',
  'wrong word about a session':
    'What a client is told of its session is so: it goes on under the id that was asked for, it was committed, and it has expired only when its end is committed.',
  'outlived its session':
    'An ephemeral znode ends with its session, so that nothing is left for a delete behind the close.',
  'expired early':
    'A session lives for its whole time-out after the last request of it that the leader has answered.',
  'never expired':
    'A session of which no server hears ends after its time-out, and its ephemeral znodes with it.',
  'other owner': 'An ephemeral znode belongs to the session that has made it.',

  // ---- watches
  'wrong watch event':
    'A watch tells once, of the first change after it was set, by its kind and zxid; and nothing is told without one.',
  'late watch event':
    'The event of a watched change comes before any reply that shows that change or a later one.',
  'event without a watch': 'A watch tells once each time that it is set, and nothing is told without one.',
  'shown before its event': 'The event of a watched change comes before any answer that shows the change.',
  'missed change':
    'A watch that was set before a change tells of it, and who has done a sync behind the change has been told by then.',

  // ---- what people build of it
  'older holder accepted':
    'A write is accepted only while its place in the line is there, and who writes for a later place is first because the earlier ones are gone.',
  'accepted for nobody':
    'A multi is done only if each of its parts can be, and its check is of a place that nobody has made.',
  'accepted after its end':
    'A multi is done only if each of its parts can be, and the place that it checks was gone before.',
  'holder refused':
    'A multi is refused only for a part that cannot be done, and the place that it checks was there.',
  'epoch nobody opened': 'An epoch is there after somebody has opened it, and nobody had.',
  'lost epoch': 'An epoch that was opened and acknowledged stays: nobody deletes it.',
  'opened twice':
    'An epoch is opened by a create, which is done only where there is nothing, and nobody deletes it.',
  'different leaders':
    'Who leads is the first in the line, and all who have done a sync behind the last change see one line.',
  'outdated view': 'Who has done a sync behind the end of a member has been told of that end.',
  'views differ': 'When nobody comes and goes any more, all who have done a sync see the same members.',
  'in before all had come':
    'Nobody goes in before the flag is there, and it is raised by one who has seen all of them.',
  'out before all were done':
    'Who is in and alive is in every list behind a sync, and who sees somebody in does not go out.',
  'below zero':
    'A transfer is done only on the balances that it was made for, so that whole transfers never lead below zero.',
  'split or lost transfer':
    'A transfer is done as a whole, on the versions that it was made for: of two that begin with the same, one is refused.',
  'split transfer': 'A transfer is done as a whole: no state has one half of it without the other.',
  'wrong total':
    'Every transfer leaves the total as it was: no state between whole transfers has another one.',
  'lost account': 'The accounts were there before anybody looked, and nobody deletes them.',
  'nobody wrote': 'Each version is made by a write, and none that was asked for makes this one.',
  'lost setting': 'The settings were there before anybody looked, and nobody deletes them.',
  'split change':
    'What one multi has changed changed together: who has seen a part of it sees nothing as it was before.',
  'lost counter': 'The counter was there before anybody looked, and nobody deletes it.',
  'increment lost':
    'Each increment makes a version of its own: two that have made the same have counted as one.',
  'too much': 'A counter is at most what was asked for by then.',
  'too little':
    'A counter is at least what had been acknowledged when the sync before the read was sent, or the write itself.',
  'nobody counted':
    'A value is there after an increment has made it, and none that makes this one had been asked for.',
  'other data': 'An item holds what its producer has put into it, and nobody changes it.',
} as const;

/** What a finding is called: short and stable, for counting. */
export type BrokenPromise = keyof typeof PROMISES;
