/**
 * Targets on the simulated kernel: the reference pager, in the form that the scenario names, and pagers of one's own. Both run in
 * one world each, which is reused from run to run.
 */
import type { PagerKernel } from '../kernel/boundary.ts';
import { Kernel } from '../kernel/kernel.ts';
import { PLAIN_STRUCTURES } from '../kernel/structure-maker.ts';
import type { Pager } from '../kernel/pager.ts';
import { DEFECTS, DEFECT_IDS, applyForm, makeDefects, type DefectSpec } from '../pager/defects.ts';
import { LAWFUL, type LawfulBehaviour } from '../pager/lawful.ts';
import { VnodePager } from '../pager/vnode-pager.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import type { ComposedObserver } from '../trace/compose.ts';
import { ModuleLines } from './call-lines.ts';
import { explainReturn } from './sleepers.ts';
import { ON_SIMULATED_KERNEL, type CallLines, type RunResult, type Target } from './target.ts';
import { endOf } from './thrown.ts';

/** Makes a pager over a kernel. */
export type PagerFactory = (kernel: PagerKernel) => Pager;

/** A switch of the reference pager: a known defect. */
export interface Switch extends DefectSpec {
  id: string;
}

/** The switches of the reference pager, in the order of the original's lines. */
export const SWITCHES: readonly Switch[] = DEFECT_IDS.map((id) => ({ id, ...DEFECTS[id] }));

/** What only looks like a defect in the pager as written, in the order of its lines. */
export const LAWFUL_BEHAVIOURS: readonly LawfulBehaviour[] = LAWFUL;

/** The reference pager; every scenario says in which form. */
class ReferenceTarget implements Target {
  readonly name = 'reference';
  readonly capabilities = ON_SIMULATED_KERNEL;
  private readonly defects = makeDefects(false);
  private readonly world = new Kernel((kernel) => new VnodePager(kernel, this.defects));
  private form: TargetChoice['form'] = 'repaired';
  private switches = '';

  execute(scenario: Scenario, observer: ComposedObserver | null): RunResult {
    const { form, switches } = scenario.target;
    // setting seventy switches costs more than a short run
    const wanted = switches.length === 0 ? '' : switches.join();
    if (form !== this.form || wanted !== this.switches) {
      applyForm(this.defects, form, switches);
      this.form = form;
      this.switches = wanted;
    }
    return this.world.run(scenario, observer);
  }
}

/** A user's pager; it has no forms. */
class PagerTarget implements Target {
  readonly name: string;
  readonly capabilities = ON_SIMULATED_KERNEL;
  private readonly factory: PagerFactory;
  private readonly world: Kernel;

  constructor(name: string, factory: PagerFactory) {
    this.name = name;
    this.factory = factory;
    this.world = new Kernel(factory, PLAIN_STRUCTURES, endOf);
  }

  readonly followLines = (): CallLines => new ModuleLines();

  execute(scenario: Scenario, observer: ComposedObserver | null): RunResult {
    try {
      return this.world.run(scenario, observer);
    } catch (thrown) {
      throw explainReturn(thrown, this.factory, scenario);
    }
  }
}

/** The reference pager as a target. */
export function createReferenceTarget(): Target {
  return new ReferenceTarget();
}

/** A pager of one's own as a target; the factory is called once, with the kernel that the pager will use. */
export function createPagerTarget(name: string, factory: PagerFactory): Target {
  return new PagerTarget(name, factory);
}
