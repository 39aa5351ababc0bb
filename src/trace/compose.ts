/**
 * Puts several observers together into one, once per set and not per event: an event that one of them wants is a direct call,
 * one that nobody wants is absent. The order of the list is the order of the calls.
 */
import { OBSERVER_METHODS, type Observer, type PartialObserver } from './observer.ts';

type Method = (a: never, b: never, c: never, d: never, e: never, f: never) => void;

/** An observer all of whose methods exist; `wantsCalls` says whether `call` and `return` do anything. */
export type ComposedObserver = Observer & { readonly wantsCalls: boolean };

const nothing = (): void => {};

function bind(observer: PartialObserver, name: keyof Observer): Method | undefined {
  const method: Method | undefined = observer[name];
  return method?.bind(observer);
}

function both(first: Method, second: Method): Method {
  return (a, b, c, d, e, f) => {
    first(a, b, c, d, e, f);
    second(a, b, c, d, e, f);
  };
}

/** Composes; the result does not follow later changes of the list. */
export function compose(observers: readonly PartialObserver[]): ComposedObserver {
  const composed: Record<string, Method | boolean> = {};
  for (const name of OBSERVER_METHODS) {
    let chain: Method | undefined;
    for (const observer of observers) {
      const method = bind(observer, name);
      if (method !== undefined) chain = chain === undefined ? method : both(chain, method);
    }
    composed[name] = chain ?? nothing;
  }
  composed['wantsCalls'] = observers.some((o) => o.call !== undefined || o.return !== undefined);
  return composed as unknown as ComposedObserver;
}
