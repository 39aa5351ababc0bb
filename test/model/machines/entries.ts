/** What the compiled machines hold, as lists for tests and as Mermaid diagrams and tables for the documentation. */
import { REFUSED, UNKNOWN, type CompiledMachine } from '../../../model/machines/compile.ts';

/** One transition or refusal. */
export interface Entry {
  region: string;
  state: string;
  event: string;
  /** Where it leads; null if it is refused. */
  to: string | null;
}

/** Every transition and refusal of a machine, region by region. */
export function entriesOf({ events, regions }: CompiledMachine): Entry[] {
  return regions.flatMap(({ name, states, table }) =>
    states.flatMap((state, s) =>
      events.flatMap((event, e): Entry[] => {
        const next = table[s * events.length + e]!;
        if (next === UNKNOWN) return [];
        return [{ region: name, state, event, to: next === REFUSED ? null : states[next]! }];
      }),
    ),
  );
}

/** A machine as a Mermaid state diagram: its regions side by side, one arrow for each pair of states. */
function diagram(machine: CompiledMachine): string {
  const lines = ['```mermaid', 'stateDiagram-v2'];
  for (const { name, states, initial } of machine.regions) {
    const arrows = new Map<string, string[]>();
    for (const { region, state, event, to } of entriesOf(machine)) {
      if (region !== name || to === null) continue;
      const arrow = `${name}_${state} --> ${name}_${to}`;
      arrows.set(arrow, [...(arrows.get(arrow) ?? []), event]);
    }
    lines.push(
      `  state ${name} {`,
      ...states.map((state) => `    state "${state}" as ${name}_${state}`),
      `    [*] --> ${name}_${states[initial]!}`,
      ...[...arrows].map(([arrow, events]) => `    ${arrow}: ${events.join(', ')}`),
      '  }',
    );
  }
  return [...lines, '```'].join('\n');
}

/** What each state refuses, and the shortest way there. */
function tableOfStates(machine: CompiledMachine, ways: ReadonlyMap<string, readonly string[]>): string {
  const rows = machine.regions.flatMap(({ name, states }) =>
    states.map((state) => {
      const refused = entriesOf(machine).filter(
        (entry) => entry.region === name && entry.state === state && entry.to === null,
      );
      const events = refused.map(({ event }) => `\`${event}\``).join(', ');
      const way = ways.get(`${name} ${state}`)!.map((event) => `\`${event}\``);
      return `| ${name} | ${state} | ${events === '' ? '-' : events} | ${way.length === 0 ? 'first' : way.join(', ')} |`;
    }),
  );
  return ['| region | state | refuses | shortest way there |', '|---|---|---|---|', ...rows].join('\n');
}

/** Diagram, refusals and ways of a machine, for the documentation. */
export function description(machine: CompiledMachine, ways: ReadonlyMap<string, readonly string[]>): string {
  return `${diagram(machine)}\n\n${tableOfStates(machine, ways)}`;
}
