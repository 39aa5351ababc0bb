/**
 * Every event of a sector of the disk, as each file has to do with it, is one that its state machine takes.
 *
 * Verified: that a sector is given to a file only while no file has it, taken only from the file that has it, and given away only
 * when no write to it is under way; that transfers of a file go to sectors of its own, or that it has lost without the pager's
 * knowing; and that no two transfers of a file to the same sector are under way at once, whatever pages and objects they are for.
 *
 * Not verified: which block of the file the sector is (`transfer-address`), transfers over the network, and what is transferred.
 */
import type { BlockEvent } from '../model/machines/block.ts';
import { Population } from '../model/machines/population.ts';
import { DiskPlaces, UNTOUCHED } from '../model/disk-places.ts';
import type { Transfer } from '../src/trace/observer.ts';
import { forgetUntaken, indicesOf, MACHINES, refusalFound } from './machines.ts';
import type { Property } from './property.ts';
import { Watcher } from './watcher.ts';

const BLOCK = 'block-events';

const E = indicesOf<BlockEvent>(MACHINES.block);

/** Longer runs of sectors are not gone through one by one: those that are touched later are told of what happened then. */
const RUN_MAX = 512;

/** No transfer of the pbuf is known. */
const NOT_STARTED = Number.POSITIVE_INFINITY;

/** What happened to a long run of sectors. */
interface Run {
  file: number;
  from: number;
  to: number;
  event: number;
  /** How often the pager had been told of truncations of the file by then. */
  tellings: number;
}

const { regions } = MACHINES.block;
const OWNERSHIP = regions.findIndex(({ name }) => name === 'ownership');
const TRANSFER = regions.findIndex(({ name }) => name === 'transfer');
const TRUNCATED = regions[OWNERSHIP]!.states.indexOf('truncated');
const QUIET = regions[TRANSFER]!.states.indexOf('quiet');

class BlockEvents extends Watcher {
  private readonly population = new Population(MACHINES.block);
  private readonly owned = this.population.productOf({ ownership: 'owned', transfer: 'quiet' });
  private readonly places = new DiskPlaces();
  /** By pbuf: how many places there were when its transfer began. One with a higher number has another owner since then. */
  private readonly known: number[] = [];
  private readonly runs: Run[] = [];
  /** By file: places that were truncated and not told yet, and how often the pager had been told by then. */
  private readonly truncated: number[][] = [];
  private readonly tellings: number[] = [];
  private files = 0;
  private sectorSize = 1;
  private sectorsPerPage = 1;

  protected override reset(): void {
    const { files, geometry } = this.context.scenario;
    this.population.reset();
    this.places.reset(files.length);
    this.known.fill(NOT_STARTED);
    if (this.runs.length > 0) this.runs.length = 0;
    while (this.truncated.length < files.length) {
      this.truncated.push([]);
      this.tellings.push(0);
    }
    for (const places of this.truncated) if (places.length > 0) places.length = 0;
    this.tellings.fill(0);
    this.files = files.length;
    this.sectorSize = geometry.sectorSize;
    this.sectorsPerPage = geometry.pageSize / geometry.sectorSize;
  }

  count(into: Map<string, number>): void {
    this.population.count(into);
    forgetUntaken(into);
  }

  allocated(file: number, _block: number, sector: number, sectors: number): void {
    for (let other = 0; other < this.files; other++)
      if (other !== file) this.happens(other, sector, sectors, E.ALLOCATE_TO_OTHER);
    this.happens(file, sector, sectors, E.ALLOCATE);
  }

  freed(file: number, _block: number, sector: number, sectors: number): void {
    const isWithheld = this.isFile(file) && this.model.blocks.files[file]!.withholds(sector);
    this.happens(file, sector, sectors, isWithheld ? E.TRUNCATE : E.FREE);
  }

  transferStart(transfer: Transfer): void {
    const { pbuf } = transfer;
    if (pbuf < 0) return;
    while (this.known.length <= pbuf) this.known.push(NOT_STARTED);
    this.known[pbuf] = NOT_STARTED;
    this.transfer(transfer, transfer.write ? E.WRITE : E.READ);
    this.known[pbuf] = this.places.count;
  }

  transferEnd(transfer: Transfer): void {
    this.transfer(transfer, transfer.write ? E.WRITE_END : E.READ_END);
  }

  private transfer(transfer: Transfer, event: number): void {
    const { file, block, pbuf } = transfer;
    if (pbuf < 0 || transfer.device !== 'disk' || !this.isFile(file)) return;
    this.tell(file);
    // no more than there can be pages behind it, whatever the count says
    const most = transfer.frames.length * this.sectorsPerPage;
    const end = block + Math.min(most, Math.ceil(transfer.byteCount / this.sectorSize));
    const known = this.known[pbuf]!;
    const { places, population } = this;
    // mostly a transfer goes to sectors that were numbered in their order and are all in the same state
    let first = places.runFrom(file, block, end);
    if (first === UNTOUCHED) first = this.touchRun(file, block, end - block);
    if (first !== UNTOUCHED && first + (end - block) <= known) {
      if (population.applyToAlike(first, end - block, event)) return;
    }
    for (let sector = block; sector < end; sector++) {
      let place = places.find(file, sector);
      if (place === UNTOUCHED) place = this.touch(file, sector);
      if (place >= known) continue;
      const region = population.apply(place, event);
      if (region >= 0) this.complain(place, region, event);
    }
  }

  private isFile(file: number): boolean {
    return file >= 0 && file < this.files;
  }

  /** The file system does something to a run of sectors. */
  private happens(file: number, sector: number, sectors: number, event: number): void {
    if (!this.isFile(file)) return;
    this.tell(file);
    const { places } = this;
    if (sectors > RUN_MAX) {
      for (let place = 0, { count } = places; place < count; place++) {
        const at = places.sectorOf(place);
        if (
          places.fileOf(place) === file &&
          at >= sector &&
          at < sector + sectors &&
          places.find(file, at) === place
        )
          this.apply(place, event);
      }
      const { tellings } = this.model.blocks.files[file]!;
      this.runs.push({ file, from: sector, to: sector + sectors, event, tellings });
      return;
    }
    if (this.happensToAlike(file, sector, sectors, event)) return;
    for (let at = sector; at < sector + sectors; at++) {
      let place = places.find(file, at);
      if (place === UNTOUCHED) {
        // of the sectors that others are given only those matter that the file had something to do with
        if (event === E.ALLOCATE_TO_OTHER && !this.mayHave(file, at)) continue;
        place = this.touch(file, at);
      }
      this.apply(place, event);
    }
  }

  /** Mostly the sectors of a run are new to the file, or all in one state. @returns whether that was so, and all is done */
  private happensToAlike(file: number, sector: number, sectors: number, event: number): boolean {
    const { places, population } = this;
    if (event === E.TRUNCATE || sectors < 1) return false;
    let first = places.runFrom(file, sector, sector + sectors);
    if (first === UNTOUCHED) {
      if (event === E.ALLOCATE_TO_OTHER && this.areStrange(file, sector, sectors)) return true;
      first = this.touchRun(file, sector, sectors);
    }
    if (first === UNTOUCHED) return false;
    if (event === E.ALLOCATE && population.stateIn(first, TRANSFER) !== QUIET) return false;
    return population.applyToAlike(first, sectors, event);
  }

  /** Whether the file never had anything to do with any of the sectors. */
  private areStrange(file: number, sector: number, sectors: number): boolean {
    return (
      this.runs.length === 0 &&
      this.places.areUntouched(file, sector, sector + sectors) &&
      this.model.blocks.files[file]!.ownedRunAtFirst(sector, sectors) === 0
    );
  }

  /** Numbers sectors that nothing is known of, if all begin alike. @returns the first number, `UNTOUCHED` if not */
  private touchRun(file: number, sector: number, sectors: number): number {
    const { places } = this;
    if (this.runs.length > 0 || sectors < 1 || !places.areUntouched(file, sector, sector + sectors))
      return UNTOUCHED;
    const owned = this.model.blocks.files[file]!.ownedRunAtFirst(sector, sectors);
    if (owned < 0) return UNTOUCHED;
    const first = places.count;
    for (let at = sector; at < sector + sectors; at++) places.add(file, at);
    if (owned > 0) this.population.placeRun(first, sectors, this.owned);
    else this.population.placeRun(first, sectors);
    return first;
  }

  private mayHave(file: number, sector: number): boolean {
    return this.runs.length > 0 || this.model.blocks.files[file]!.ownedAtFirst(sector);
  }

  private apply(place: number, event: number): void {
    const { population, places } = this;
    const region = population.apply(place, event);
    if (region >= 0) this.complain(place, region, event);
    else if (event === E.TRUNCATE) this.truncated[places.fileOf(place)]!.push(place);
    else if (event === E.ALLOCATE && population.stateIn(place, TRANSFER) !== QUIET) {
      // what was under way before is not under way to what the file has now
      population.place(places.add(places.fileOf(place), places.sectorOf(place)), this.owned);
    }
  }

  /** Numbers a sector in the state that it is in by now. */
  private touch(file: number, sector: number): number {
    const own = this.model.blocks.files[file]!;
    const place = this.places.add(file, sector);
    if (own.ownedAtFirst(sector)) this.population.place(place, this.owned);
    for (const run of this.runs) {
      if (run.file !== file || sector < run.from || sector >= run.to) continue;
      this.apply(place, run.event);
      if (run.event === E.TRUNCATE && own.tellings > run.tellings) this.apply(place, E.TELL);
    }
    return place;
  }

  /** If the pager was told of truncations, tells those sectors that are still waiting for it. */
  private tell(file: number): void {
    const { tellings } = this.model.blocks.files[file]!;
    if (tellings === this.tellings[file]) return;
    this.tellings[file] = tellings;
    const places = this.truncated[file]!;
    for (const place of places)
      if (this.population.stateIn(place, OWNERSHIP) === TRUNCATED) this.apply(place, E.TELL);
    places.length = 0;
  }

  private complain(place: number, region: number, event: number): void {
    this.report(BLOCK, () => {
      const { places, population } = this;
      const sector = places.sectorOf(place);
      const name = `sector ${sector}, as file ${places.fileOf(place)} has it,`;
      const found = refusalFound(population, place, region, event, name);
      return { ...found, what: `${found.what}; ${this.model.blocks.describe(sector)}` };
    });
  }
}

const monitor = (): BlockEvents => new BlockEvents();

/** The property of sectors; the other machines' are in `accepted-events.ts`. */
export const BLOCK_EVENTS: Property = {
  id: BLOCK,
  kind: 'always',
  statement: 'What happens to a sector of the disk is, for each file, what its state machine takes.',
  source: '11.5, 13.3 Q2, 13.6 Q6, G5, G18',
  observes: 'sectors that file systems give and take; transfers of pbufs with the disk, and their ends',
  doesNotVerify:
    'which block of the file a sector is (transfer-address), what is transferred (file-on-disk), transfers over the network',
  monitor,
};
