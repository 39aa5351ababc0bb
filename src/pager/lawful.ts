/**
 * What looks wrong in the original text and is not: behaviours that somebody who reads it stops at, each with the contract that
 * allows it or the reason why nothing can come of it. They have no switch; the repaired pager does the same.
 */

/** A behaviour that violates no contract. */
export interface LawfulBehaviour {
  /** First and last line of the original. */
  lines: string;
  /** What somebody would stop at. */
  behaviour: string;
  /** Why no contract is violated, with the section that says so. */
  reason: string;
}

const lawful = (lines: string, behaviour: string, reason: string): LawfulBehaviour => ({
  lines,
  behaviour,
  reason,
});

/** All of them, in the order of the original. */
export const LAWFUL: readonly LawfulBehaviour[] = [
  lawful('115', 'the macro ends in a semicolon, so that no expression could use it', 'nothing uses it (1.2)'),
  lawful(
    '165-171',
    'what becomes of the first allocation if the second fails',
    'neither fails: malloc with M_WAITOK sleeps and never returns null (2.5)',
  ),
  lawful(
    '246, 256, 272, 289',
    'sync is ignored: a put that need not wait does',
    'a put may always be synchronous (13.6 P1); what a get leaves under way has its own claim (13.4 Q1)',
  ),
  lawful('277-278', 'without a pager putpage answers FALSE, which reads as OK', '13.7 asks for exactly that'),
  lawful(
    '280-281, 292',
    'the result of a put is the status of its first page, or OK for a page that is to be put again',
    'the function result carries no information for the callers; the statuses do (13.6 Q1)',
  ),
  lawful(
    '314-316',
    'a block whose buffer is still being read, and may fail, counts as there',
    'haspage may say yes when it cannot tell, and the get then reports what it finds (13.8 Q1)',
  ),
  lawful('323-325', 'a page whose block map fails is said to exist', 'the same (13.8 Q1)'),
  lawful(
    '371, 405',
    'a size change makes a cached object the youngest of the cache',
    'it is cached again, which is all that is asked (13.9 Q5)',
  ),
  lawful(
    '484-485',
    'who waits for the page is woken before it is freed',
    'a busy page must not be freed, and waiters start over from the lookup (3.2, 3.4)',
  ),
  lawful(
    '529',
    'wakes those who sleep on the buffer of an asynchronous transfer',
    'nobody does, and a wakeup without a sleeper has no effect (2.3)',
  ),
  lawful(
    '544-554',
    'a page is used first and then compared with null',
    'the lookup is arithmetic and never null (4.2); the panic cannot happen',
  ),
  lawful(
    '589',
    'the result of the block map is not looked at',
    'only the device is asked for, which does not fail where the same call has just succeeded and does not sleep (9.3)',
  ),
  lawful(
    '801-804',
    'a get without a place on the disk prints a message and stops in the debugger',
    'no contract is about the console (16.15); what follows it is a defect of its own, input-hole',
  ),
  lawful(
    '805-841',
    'the block map is asked, and may sleep, with interrupts of the disk masked',
    'sleeping while masked is legal, and the mask is as before on return (2.2, G12)',
  ),
  lawful(
    '809-811, 825-827, 1234-1236',
    'the comments promise to stop at a page that is in the buffer cache, and nothing looks',
    'private buffers are written through, and shared ones are the page itself (8): the disk is never behind',
  ),
  lawful(
    '878-888',
    'pages behind the requested one may still be on their way when the get returns',
    'if a claim of the transfer keeps the object and its completion brings the pages to an end (13.4 Q1 c)',
  ),
  lawful(
    '902, 927, 1097, 1271',
    'the credentials are those of whoever happens to run, not of who opened the file',
    'only their references are counted (G11)',
  ),
  lawful(
    '919-921',
    'pages are put on the inactive queue while they are still being read',
    'deactivation works on busy pages, and nobody takes a busy page from a queue (3.4, 13.4 Q1)',
  ),
  lawful(
    '983-986',
    'of the pages that came along only the one before the requested page becomes active',
    'they are on a paging queue, whichever (13.4 Q1 b)',
  ),
  lawful(
    '1047',
    'the page is called clean while its bytes may be in the buffer cache only',
    'the file system has accepted them, which is enough on this path (13.6 Q2, 9.2)',
  ),
  lawful(
    '1192-1197, 1238-1244',
    'pages behind a hole or a gap of the block map are not put',
    'nothing was started for them, so they may be offered again (13.6 Q3), and each put gets its first page done (Q9)',
  ),
  lawful(
    '1199-1200',
    'the time of change is written before the data, and whether that worked is not looked at',
    'no contract is about times; VOP_UPDATE is a place to sleep and no more (13.6 B, 9.2)',
  ),
  lawful(
    '1316',
    'the modified bit is cleared after the transfer, not before',
    'the caller has write-protected the pages and they are busy: nobody can store meanwhile (13.6 P1)',
  ),
];
