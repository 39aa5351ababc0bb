/**
 * Puts several observers together into one, once per set and not per event: an event that one of them wants is a direct call,
 * one that nobody wants does nothing. The order of the list is the order of the calls.
 */
import { OBSERVER_METHODS, SILENT, type Observer, type PartialObserver } from './observer.ts';

type Method = (a: never, b: never, c: never, d: never, e: never, f: never) => void;

/** An observer all of whose methods exist; `wantsCalls` says whether `call` and `return` do anything. */
export type ComposedObserver = Observer & { readonly wantsCalls: boolean };

function bind(observer: PartialObserver, name: keyof Observer): Method | undefined {
  const method: Method | undefined = observer[name];
  return method?.bind(observer);
}

function two(m: Method, n: Method): Method {
  return (a, b, c, d, e, f) => {
    m(a, b, c, d, e, f);
    n(a, b, c, d, e, f);
  };
}

function three(m: Method, n: Method, o: Method): Method {
  return (a, b, c, d, e, f) => {
    m(a, b, c, d, e, f);
    n(a, b, c, d, e, f);
    o(a, b, c, d, e, f);
  };
}

function four(m: Method, n: Method, o: Method, p: Method): Method {
  return (a, b, c, d, e, f) => {
    m(a, b, c, d, e, f);
    n(a, b, c, d, e, f);
    o(a, b, c, d, e, f);
    p(a, b, c, d, e, f);
  };
}

function five(m: Method, n: Method, o: Method, p: Method, q: Method): Method {
  return (a, b, c, d, e, f) => {
    m(a, b, c, d, e, f);
    n(a, b, c, d, e, f);
    o(a, b, c, d, e, f);
    p(a, b, c, d, e, f);
    q(a, b, c, d, e, f);
  };
}

/**
 * One method that calls all of them. A function for each number, because V8 does not inline a function into itself: a chain of
 * pairs costs ten times as much a call. More than five are called in groups of five.
 */
function inTurn(methods: readonly Method[]): Method {
  const [m, n, o, p, q] = methods;
  if (m === undefined) return (): void => {};
  if (n === undefined) return m;
  if (o === undefined) return two(m, n);
  if (p === undefined) return three(m, n, o);
  if (q === undefined) return four(m, n, o, p);
  if (methods.length === 5) return five(m, n, o, p, q);
  const groups: Method[] = [];
  for (let i = 0; i < methods.length; i += 5) groups.push(inTurn(methods.slice(i, i + 5)));
  return inTurn(groups);
}

/** Composes; the result does not follow later changes of the list. */
export function compose(observers: readonly PartialObserver[]): ComposedObserver {
  const wantsCalls = observers.some((o) => o.call !== undefined || o.return !== undefined);
  // the properties are there before they get their values: an object that gains so many by computed names is a slow dictionary
  const composed = { ...SILENT, wantsCalls };
  const methods: Record<keyof Observer, Method> = composed;
  for (const name of OBSERVER_METHODS) {
    methods[name] = inTurn(
      observers.map((observer) => bind(observer, name)).filter((method) => method !== undefined),
    );
  }
  return composed;
}
