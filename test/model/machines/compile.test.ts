/**
 * Guards that the tables of the hot path are the machines that were authored: in every state and for every event they go where
 * XState's own transition function goes, and refuse where it does nothing; and that the documentation shows these machines.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { transition, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate';
import { blockMachine } from '../../../model/machines/block.ts';
import { bufferMachine } from '../../../model/machines/buffer.ts';
import { compile, REFUSED, UNKNOWN, type CompiledMachine } from '../../../model/machines/compile.ts';
import { objectMachine } from '../../../model/machines/object.ts';
import { pageMachine } from '../../../model/machines/page.ts';
import { waysToStates } from '../../../model/machines/paths.ts';
import { description, entriesOf } from './entries.ts';

const MACHINES: Record<string, AnyStateMachine> = {
  page: pageMachine,
  buffer: bufferMachine,
  object: objectMachine,
  block: blockMachine,
};

/** Every combination of one state a region. */
function combinations({ regions }: CompiledMachine): Record<string, string>[] {
  return regions.reduce<Record<string, string>[]>(
    (all, { name, states }) => all.flatMap((one) => states.map((state) => ({ ...one, [name]: state }))),
    [{}],
  );
}

/** Where the tables lead. */
function byTables({ regions, events }: CompiledMachine, from: Record<string, string>, event: string) {
  return Object.fromEntries(
    regions.map(({ name, states, table }) => {
      const to = table[states.indexOf(from[name]!) * events.length + events.indexOf(event)]!;
      return [name, to === UNKNOWN || to === REFUSED ? from[name]! : states[to]!];
    }),
  );
}

describe.each(Object.entries(MACHINES))('the tables of %s', (_, machine) => {
  const compiled = compile(machine);

  it('begin where the machine begins', () => {
    const first = Object.fromEntries(
      compiled.regions.map(({ name, states, initial }) => [name, states[initial]]),
    );
    expect((machine.getInitialSnapshot(undefined as never) as AnyMachineSnapshot).value).toEqual(first);
  });

  it('go where XState goes, in every state and for every event', () => {
    for (const from of combinations(compiled)) {
      const snapshot = machine.resolveState({ value: from } as never);
      for (const event of compiled.events) {
        const [next] = transition(machine, snapshot, { type: event });
        expect({ from, event, to: (next as AnyMachineSnapshot).value as unknown }).toEqual({
          from,
          event,
          to: byTables(compiled, from, event),
        });
      }
    }
  });

  it('refuse what the region knows and its state has no transition for', () => {
    for (const { region, state, event, to } of entriesOf(compiled)) {
      const node = machine.root.states[region]!.states[state]!;
      expect({ region, state, event, taken: node.transitions.has(event) }).toEqual({
        region,
        state,
        event,
        taken: to !== null,
      });
    }
  });

  it('have no state that cannot be reached, and no event that nothing takes', () => {
    const entries = entriesOf(compiled);
    for (const { name, states, initial } of compiled.regions) {
      const reached = new Set([states[initial]!]);
      for (const state of reached)
        for (const one of entries)
          if (one.region === name && one.state === state && one.to !== null) reached.add(one.to);
      expect([...reached].toSorted()).toEqual([...states].toSorted());
    }
    const taken = new Set(entries.filter(({ to }) => to !== null).map(({ event }) => event));
    expect([...taken].toSorted()).toEqual([...compiled.events].toSorted());
  });
});

describe('docs/model.md', () => {
  it('shows these machines', async () => {
    const document = readFileSync(new URL('../../../docs/model.md', import.meta.url), 'utf8');
    const filled = document.replaceAll(
      /(<!-- generated: (\w+) -->\n).*?(<!-- end -->)/gs,
      (_, begin: string, name: string, end: string) =>
        `${begin}\n${description(compile(MACHINES[name]!), waysToStates(MACHINES[name]!))}\n\n${end}`,
    );
    for (const name of Object.keys(MACHINES)) expect(filled).toContain(`<!-- generated: ${name} -->`);
    await expect(filled).toMatchFileSnapshot('../../../docs/model.md');
  });
});
