'use strict';

// Fills {{ slots }} of values that a hook has set; what the script itself says is rendered by the
// engine. Follows src/expr: a text that is one slot keeps the value's type, other values are put in
// as text; a value that was put in is not searched for slots again.

const kLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const kSlot = /\{\{\{?([^{}]+)\}?\}\}/g;
const kLoneSlot = /^\{\{\{?([^{}]+)\}?\}\}$/;
const kCall = /^\s*(\$[A-Za-z0-9_]+)\s*\(([^()]*)\)\s*$/;
const kPath = /^\s*[\w$][\w$ .[\]'"-]*$/;

const kFunctions = {
  $randomNumber(min, max) {
    const low = Math.ceil(Number(min));
    const high = Math.floor(Number(max));
    return low + Math.floor(Math.random() * (high - low + 1));
  },
  $randomString(length = 10) {
    let text = '';
    for (let i = 0; i < length; ++i) text += kLetters[Math.floor(Math.random() * kLetters.length)];
    return text;
  },
};

// vars.a.b, vars.a[0], vars['x-y']; a variable whose name contains the dot comes first.
function lookUp(vars, path) {
  const name = path.trim();
  if (Object.prototype.hasOwnProperty.call(vars, name)) return vars[name];
  let value = vars;
  for (const [, plain, index, quoted] of name.matchAll(/([^.[\]]+)|\[(\d+)\]|\[['"](.*?)['"]\]/g)) {
    if (value === undefined || value === null) return undefined;
    value = value[plain ?? index ?? quoted];
  }
  return value;
}

// undefined, and `known` false, when the slot is neither a variable nor a call.
function evaluate(slot, vars, functions) {
  const call = kCall.exec(slot);
  if (call) {
    const fn = functions[call[1]];
    if (typeof fn !== 'function') return { known: false };
    const args = call[2].trim() === '' ? [] : call[2].split(',').map(toArgument);
    return { known: true, value: fn(...args) };
  }
  if (!kPath.test(slot)) return { known: false };
  return { known: true, value: lookUp(vars, slot) };
}

function toArgument(text) {
  const number = Number(text.trim());
  return Number.isNaN(number) ? undefined : number;
}

function toText(value) {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value) ?? 'undefined';
  return String(value);
}

function fillText(text, vars, functions) {
  if (!text.includes('{{')) return text;
  const lone = kLoneSlot.exec(text);
  if (lone) {
    const { known, value } = evaluate(lone[1], vars, functions);
    return known ? value : text;
  }
  return text.replace(kSlot, (whole, slot) => {
    const { known, value } = evaluate(slot, vars, functions);
    return known ? toText(value) : whole;
  });
}

// A copy of any value with its texts and keys filled; texts without slots are kept.
function fill(value, vars, functions) {
  if (typeof value === 'string') return fillText(value, vars, functions);
  if (Array.isArray(value)) return value.map((item) => fill(item, vars, functions));
  if (isPlain(value)) {
    const filled = {};
    for (const key of Object.keys(value)) {
      filled[toText(fillText(key, vars, functions))] = fill(value[key], vars, functions);
    }
    return filled;
  }
  return value;
}

function isPlain(value) {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

module.exports = { fill, lookUp, toText, isPlain, kFunctions };
