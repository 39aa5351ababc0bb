/**
 * Puts several observers together into one, once per set and not per event: an event that one of them wants is a direct call,
 * one that nobody wants does nothing. The order of the list is the order of the calls. Which methods an observer has is settled
 * here; what they do may change later.
 */
import { ARITIES, OBSERVER_METHODS, SILENT, type Observer, type PartialObserver } from './observer.ts';

type Method = (...values: never[]) => void;
type Maker = (...observers: readonly PartialObserver[]) => Method;

/** An observer all of whose methods exist; `wantsCalls` says whether `call` and `return` do anything. */
export type ComposedObserver = Observer & { readonly wantsCalls: boolean };

function nothing(): void {}

/** Names of parameters; no method has more. */
const PARAMETERS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** By text. */
const makers = new Map<string, Maker>();

/** The class of an observer, as a word: with it observers of other classes do not share what V8 learns of a text. */
function classOf(observer: PartialObserver): string {
  const prototype = Object.getPrototypeOf(observer) as { constructor?: { name: string } } | null;
  return (prototype?.constructor?.name ?? '').replaceAll(/\W/g, '_');
}

/**
 * One method that calls all of them. It is written for them as a text: V8 learns by the place in the text which method a call
 * meets, and calls of which it knows that are inlined. In functions that are shared by all events it knows nothing, and each call
 * goes through a bound function.
 */
function inTurn(name: keyof Observer, observers: readonly PartialObserver[]): Method {
  if (observers.length === 0) return nothing;
  const given = PARAMETERS.slice(0, ARITIES[name]).join(', ');
  const them = observers.map((_, i) => `o${i}`);
  const text = [
    `// ${observers.map(classOf).join(', ')}`,
    `return function ${name}InTurn(${given}) {`,
    ...them.map((one) => `  ${one}.${name}(${given});`),
    '};',
  ].join('\n');
  let maker = makers.get(text);
  if (maker === undefined) {
    // the text holds nothing but names of methods and of classes
    // oxlint-disable-next-line no-implied-eval
    maker = new Function(...them, text) as Maker;
    makers.set(text, maker);
  }
  return maker(...observers);
}

/** Composes; the result does not follow later changes of the list. */
export function compose(observers: readonly PartialObserver[]): ComposedObserver {
  const wantsCalls = observers.some((o) => o.call !== undefined || o.return !== undefined);
  // the properties are there before they get their values: an object that gains so many by computed names is a slow dictionary
  const composed = { ...SILENT, wantsCalls };
  const methods: Record<keyof Observer, Method> = composed;
  for (const name of OBSERVER_METHODS)
    methods[name] = inTurn(
      name,
      observers.filter((observer) => observer[name] !== undefined),
    );
  return composed;
}
