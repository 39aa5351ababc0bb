/**
 * Numbers the sectors of the disk that a run touches, for each file by itself, in the order in which they are touched: the
 * subjects of the block machine. Low sectors stand in an array, others in a map, so that a reset costs what was touched and
 * nothing grows with the disk.
 */

/** Sectors below this number stand in an array. */
const DENSE_SECTORS = 4096;

/** Not numbered. */
export const UNTOUCHED = -1;

/** Numbers of the sectors of one file. */
class FilePlaces {
  readonly dense = new Int32Array(DENSE_SECTORS).fill(UNTOUCHED);
  readonly far = new Map<number, number>();
}

/** The places that files have had to do with. */
export class DiskPlaces {
  private readonly files: FilePlaces[] = [];
  private sectors = new Float64Array(256);
  private owners = new Int32Array(256);
  /** How many there are; the next one gets this number. */
  count = 0;

  /** Forgets all places, and knows files below `files` from now on. */
  reset(files: number): void {
    for (let place = 0; place < this.count; place++) {
      const sector = this.sectors[place]!;
      if (sector >= 0 && sector < DENSE_SECTORS) this.files[this.owners[place]!]!.dense[sector] = UNTOUCHED;
    }
    this.count = 0;
    for (const { far } of this.files) if (far.size > 0) far.clear();
    while (this.files.length < files) this.files.push(new FilePlaces());
  }

  /** Number of a sector as the file has it, or `UNTOUCHED`. */
  find(file: number, sector: number): number {
    const { dense, far } = this.files[file]!;
    return sector >= 0 && sector < DENSE_SECTORS ? dense[sector]! : (far.get(sector) ?? UNTOUCHED);
  }

  /** Number of the first of the sectors from `sector` to `end` if they have consecutive numbers, else `UNTOUCHED`. */
  runFrom(file: number, sector: number, end: number): number {
    if (sector < 0 || sector >= end || end > DENSE_SECTORS) return UNTOUCHED;
    const { dense } = this.files[file]!;
    const first = dense[sector]!;
    if (first === UNTOUCHED) return UNTOUCHED;
    for (let at = sector + 1, place = first + 1; at < end; at++, place++)
      if (dense[at] !== place) return UNTOUCHED;
    return first;
  }

  /** Whether none of the sectors from `sector` to `end` has a number; false also where that would take long to see. */
  areUntouched(file: number, sector: number, end: number): boolean {
    if (sector < 0 || end > DENSE_SECTORS) return false;
    const { dense } = this.files[file]!;
    for (let at = sector; at < end; at++) if (dense[at] !== UNTOUCHED) return false;
    return true;
  }

  /** Gives the sector a number, a new one if it has one. */
  add(file: number, sector: number): number {
    const place = this.count++;
    if (place >= this.sectors.length) this.grow();
    this.sectors[place] = sector;
    this.owners[place] = file;
    const { dense, far } = this.files[file]!;
    if (sector >= 0 && sector < DENSE_SECTORS) dense[sector] = place;
    else far.set(sector, place);
    return place;
  }

  private grow(): void {
    const sectors = new Float64Array(2 * this.count);
    sectors.set(this.sectors);
    this.sectors = sectors;
    const owners = new Int32Array(2 * this.count);
    owners.set(this.owners);
    this.owners = owners;
  }

  /** The sector with that number. */
  sectorOf(place: number): number {
    return this.sectors[place]!;
  }

  /** The file that has it under that number. */
  fileOf(place: number): number {
    return this.owners[place]!;
  }
}
