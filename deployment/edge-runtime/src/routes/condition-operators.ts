import type { Evaluate, Value } from './message.js';

/** Truth has three values; undefined stays undefined unless the other side decides (edgeHub's Bool). */
type Truth = boolean | undefined;

export function conjunction(left: Evaluate, right: Evaluate): Evaluate {
  return (message) => {
    const a = truth(left(message));
    const b = truth(right(message));
    if (a === false || b === false) return false;
    return a === undefined || b === undefined ? undefined : true;
  };
}

export function disjunction(left: Evaluate, right: Evaluate): Evaluate {
  return (message) => {
    const a = truth(left(message));
    const b = truth(right(message));
    if (a === true || b === true) return true;
    return a === undefined || b === undefined ? undefined : false;
  };
}

export function negation(operand: Evaluate): Evaluate {
  return (message) => {
    const value = truth(operand(message));
    return value === undefined ? undefined : !value;
  };
}

export function applyComparison(operator: string, left: Evaluate, right: Evaluate): Evaluate {
  return (message) => compare(operator, left(message), right(message));
}

function compare(operator: string, a: Value, b: Value): Truth {
  if (a === undefined || b === undefined) return undefined;
  if (operator === '=') return a === b;
  if (operator === '!=' || operator === '<>') return a !== b;
  if (a === null || b === null || typeof a !== typeof b) return undefined;
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

function truth(value: Value): Truth {
  return typeof value === 'boolean' ? value : undefined;
}
