'use strict';

// The `events` (`ee`) of hooks. What is emitted is summed up here and travels with the next answers.

const EventEmitter = require('events');

const kMostNames = 4000;

class Tally {
  constructor() {
    this.numbers = new Map();  // kind and name -> number
    this.clear();
  }

  clear() {
    this.names = [];
    this.counts = new Map();
    this.samples = new Map();
    this.isEmpty = true;
  }

  // kind: 'c' counter, 'r' rate, 'h' histogram, 'e' error.
  number(kind, name) {
    const key = kind + name;
    let number = this.numbers.get(key);
    if (number !== undefined) return number;
    if (this.numbers.size >= kMostNames && name !== 'slsart.other') {
      return this.number(kind, 'slsart.other');
    }
    number = this.numbers.size;
    this.numbers.set(key, number);
    this.names.push([number, kind, name]);
    return number;
  }

  count(kind, name, by) {
    if (!Number.isFinite(by) || by < 0) return;
    const number = this.number(kind, name);
    this.counts.set(number, (this.counts.get(number) ?? 0) + Math.round(by));
    this.isEmpty = false;
  }

  sample(name, value) {
    if (!Number.isFinite(value)) return;
    const number = this.number('h', name);
    const list = this.samples.get(number);
    if (list) list.push(value);
    else this.samples.set(number, [value]);
    this.isEmpty = false;
  }

  // Members for a frame, with a comma before each.
  take() {
    let text = '';
    if (this.names.length > 0) text += `,"m":${JSON.stringify(this.names)}`;
    if (this.counts.size > 0) text += `,"c":${JSON.stringify([...this.counts].flat())}`;
    if (this.samples.size > 0) {
      text += `,"h":${JSON.stringify([...this.samples].map(([number, list]) => [number, ...list]))}`;
    }
    this.clear();
    return text;
  }
}

class Events extends EventEmitter {
  constructor(tally, wake) {
    super();
    this.tally = tally;
    this.wake = wake;
  }

  emit(kind, name, value) {
    const { tally } = this;
    switch (kind) {
      case 'counter':
        tally.count('c', String(name), value === undefined ? 1 : Number(value));
        break;
      case 'rate':
        tally.count('r', String(name), 1);
        break;
      case 'histogram':
        tally.sample(String(name), Number(value));
        break;
      case 'customStat':
        if (name && name.stat !== undefined) tally.sample(String(name.stat), Number(name.value));
        break;
      case 'error':
        tally.count('e', errorText(name), 1);
        break;
      default:
        return super.emit.apply(this, arguments);
    }
    this.wake();
    if (this.listenerCount(kind) > 0) super.emit.apply(this, arguments);
    return true;
  }
}

// As the reference counts it: the code of an error, else its message.
function errorText(error) {
  if (error === undefined || error === null) return 'undefined';
  if (typeof error !== 'object') return String(error);
  const text = error.code ?? error.message;
  return text === undefined || text === '' ? String(error.name ?? 'Error') : String(text);
}

module.exports = { Tally, Events, errorText };
