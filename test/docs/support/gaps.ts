/**
 * What of each contract no property verifies, as far as it is known: taken from what the properties of that contract say that
 * they do not verify, without what another property does. docs/properties.md shows it clause by clause.
 */

/** By clause; a clause that is not here has no gap that its properties name. */
export const GAPS: Readonly<Record<string, string>> = {
  '13.1': 'targets that do not show the list of pagers',
  '13.2 Q2':
    'references of an object that came into being during the call, unless the call made it and nobody ran ' +
    'since',
  '13.2 Q3': 'the time between calls that may change the list; targets that do not show the list of pagers',
  '13.2 Q4': 'use counts between one call and the settlement, beyond what alloc and dealloc change',
  '13.2 Q6':
    'which call should have freed memory (all of it is counted at settlement); memory that a target does ' +
    'not count',
  '13.3 Q1':
    'which call should have freed memory; memory that a target does not count; the wait for claims: when dealloc is ' +
    'called nobody can hold one (below)',
  '13.3 Q2': 'transfers over the network, of which no sector is known',
  '13.4 Q1':
    'pages that somebody else took before the get returned; how soon the owner of a busy page un-busies ' +
    'it; bytes of pages that nobody un-busies',
  '13.4 Q2': 'what was done to the requested page between call and return, if it was undone',
  '13.4 Q3': 'masks of chunks that were valid before; bytes of files whose file system is gone',
  '13.4 Q5': 'pages that nobody un-busies; files whose file system is gone',
  '13.4 Q6': 'what calls of others, and calls within the get, add to the counters meanwhile',
  '13.4 Q7':
    'a claim too many while a get of the object has not returned; mappings, credentials, holds and the ' +
    'mask as far as G7 and G9 to G12 leave them open',
  '13.6 Q1': 'the result of the function, which says nothing',
  '13.6 Q2': 'bytes past EOF; dirty bits of pages with a dirty buffer',
  '13.6 Q3': 'for which page a call into the kernel failed: it excuses ERROR for each',
  '13.6 Q4':
    'that busy pages stay busy where no file system needs them; queues, if another thread ran meanwhile',
  '13.6 Q5': 'a claim too many while a get of the object has not returned',
  '13.6 Q6':
    'pages that the run never touched and files that were removed; what the file system itself writes ' +
    'past EOF; a block that moves after the transfer was started',
  '13.6 Q7': 'bytes past EOF, which a pager may zero',
  '13.6 Q8':
    'whether pages that a put did not write are counted; a put through VOP_WRITE that leaves a dirty ' +
    'buffer, or during which others ran',
  '13.6 Q9':
    'that a put which is repeated ends with something else than AGAIN, where no operation repeats it; ' +
    'loops that never call the kernel',
  '13.7': 'pages, objects and vnodes, which a putpage without a pager is not given',
  '13.8 Q1':
    'TRUE for a hole, which it may not be able to tell; changes of state while another thread runs, and of ' +
    'other pages than the one asked about; what it promised before the last sixteen answers',
  '13.9 Q1':
    'what a setsize without effect changes while another thread runs; vnodes that are no regular files: they have no ' +
    'object (below)',
  '13.9 Q2': 'sizes, if another setsize of the file ran meanwhile',
  '13.9 Q3':
    'objects that are being terminated, whose pages are left alone; bytes of pages that nobody un-busies',
  '13.9 Q4':
    'pages under which a file without shared buffers was written; pages of an object that is being ' +
    'terminated',
  '13.9 Q5':
    'whether a cached object was terminated rightly if another thread ran meanwhile, or if more are cached than ' +
    'may be; sizes, as for Q2',
  '13.10 Q1': 'who held references, if another thread ran meanwhile',
  '13.10 Q2': "another owner's lock, if that owner may have run meanwhile",
  '13.10 Q3': 'use counts between one call and the settlement, beyond what alloc and dealloc change',
  '13.11':
    'if others ran, objects that were not in the cache all the while; pagers that were made after the ' +
    'call',
  '13.12 Q2':
    'bytes of pages that nobody un-busies; waiters for the last claim within other calls than dealloc',
  '13.12 Q3': 'uses of a buffer that was given back, at least reads',
  G1: 'what panics only in a diagnostic kernel, unless the scenario asks for one',
  G2:
    'pages that no call touched, before the settlement; the counts of queues, which only the kernel changes (flags that would ' +
    'make it corrupt a queue are a trap)',
  G3: 'objects that no call touched, before they go or the settlement begins',
  G4:
    'a claim too many while a get of the object has not returned; waiters within other calls than ' +
    'dealloc, and claims given back outside of completions (no-deadlock sees who then sleeps for ever)',
  G5:
    'valid and dirty bits that somebody else than the owner changes; flags that a target changes without ' +
    'saying so; how soon the owner un-busies the page',
  G6: 'sleepers on a page between two returns of pager calls',
  G7:
    'a hold too many or too few, but for below zero, while several calls or asynchronous transfers are ' +
    'under way',
  G8: 'the count of a file on a network between the returns of its gets and puts, before the settlement',
  G9: 'which pbufs a call gives back: they are counted',
  G10:
    'windows into which something else than a transfer was mapped, and taken out again before the ' +
    'settlement; which pages of the map a call gives back: they are counted',
  G11: 'how many of at most two references an asynchronous transfer owns',
  G12: 'the mask between call and return',
  G13: 'the time between calls that may change the list; targets that do not show the list of pagers',
  G14:
    'who holds a reference: that the count is the number of holders follows only if it was so before the ' +
    'call',
  G15: 'use counts between one call and the settlement, beyond what alloc and dealloc change',
  G16:
    'pages that nobody un-busies or reads; how many bytes a read delivers; pages that others changed ' +
    'since a read began',
  G17:
    'pages under which a file without shared buffers was written; pages that nobody puts, un-busies or ' +
    'frees',
  G18:
    'transfers of the file system itself; a block that moves after the transfer was started; sectors ' +
    'behind the network',
  G19: 'the moments between a put, a read, the freeing of a page and the settlement; files that were removed',
  G20: 'who starves while others go on; loops that never call the kernel',
  G21: 'a use after the end that a target does not trap and that changes nothing anybody looks at',
};
